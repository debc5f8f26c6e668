import { readFileSync } from 'node:fs'
import ts from 'typescript'

/** A module that a file names, however it names it. */
export interface ModuleReference {
  readonly specifier: string
  /** From 1. */
  readonly line: number
}

/** Parses a file, with parent links. */
export function parseFile(path: string): ts.SourceFile {
  return ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true)
}

/** Line of a node, from 1, doc comment aside. */
export function lineOf(node: ts.Node): number {
  const file = node.getSourceFile()
  return file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1
}

/** Calls back for a node and everything below it. */
export function visit(node: ts.Node, callback: (node: ts.Node) => void): void {
  callback(node)
  ts.forEachChild(node, child => visit(child, callback))
}

/** The expression or literal by which a node names a module, if it does. */
function moduleName(node: ts.Node): ts.Node | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return node.moduleSpecifier
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) return node.argument.literal
  if (ts.isExternalModuleReference(node)) return node.expression
  if (!ts.isCallExpression(node)) return undefined
  const callee = node.expression
  const isRequire = (expression: ts.Expression) => ts.isIdentifier(expression) && expression.text === 'require'
  const loads =
    callee.kind === ts.SyntaxKind.ImportKeyword ||
    isRequire(callee) ||
    (ts.isPropertyAccessExpression(callee) &&
      (callee.name.text === 'getBuiltinModule' ||
        (callee.name.text === 'resolve' && (isRequire(callee.expression) || ts.isMetaProperty(callee.expression)))))
  return loads ? node.arguments[0] : undefined
}

/** Every module that a file imports, re-exports, loads or takes types from. */
export function moduleReferences(file: ts.SourceFile): ModuleReference[] {
  const references: ModuleReference[] = []
  visit(file, node => {
    const name = moduleName(node)
    if (name !== undefined && ts.isStringLiteralLike(name)) references.push({ specifier: name.text, line: lineOf(name) })
  })
  return references
}
