/** Chance, from outside. Nothing else in a package may draw a random number. */
export interface Random {
  /** A whole number from 0 to 2^32 - 1, each as likely as the others. */
  u32(): number
}
