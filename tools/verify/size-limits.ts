import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import type { Finding } from './check.ts'
import { lineOf, parseFile, visit } from './syntax.ts'
import { findPackages, isCode, listFiles } from './workspace.ts'

const functionLines = 70
const fileLines = 300
const testFileLines = 400

function endLine(node: ts.Node): number {
  return node.getSourceFile().getLineAndCharacterOfPosition(node.getEnd()).line + 1
}

function nameOf(node: ts.FunctionLikeDeclaration): string {
  if (node.name) return node.name.getText()
  return ts.isVariableDeclaration(node.parent) || ts.isPropertyAssignment(node.parent) ? node.parent.name.getText() : 'a function'
}

/** Functions of a file that are longer than a reader can hold. */
function longFunctions(file: ts.SourceFile, limit = functionLines): { line: number; what: string }[] {
  const found: { line: number; what: string }[] = []
  visit(file, node => {
    if (!ts.isFunctionLike(node) || !('body' in node) || node.body === undefined) return
    const lines = endLine(node) - lineOf(node) + 1
    if (lines > limit) found.push({ line: lineOf(node), what: `${nameOf(node)} has ${lines} lines; at most ${limit}` })
  })
  return found
}

function checkFile(root: string, path: string, isTest: boolean): Finding[] {
  const lines = readFileSync(join(root, path), 'utf8').trimEnd().split('\n').length
  const limit = isTest ? testFileLines : fileLines
  const findings = lines > limit ? [{ where: path, what: `has ${lines} lines; at most ${limit}` }] : []
  if (isTest) return findings
  return [...findings, ...longFunctions(parseFile(join(root, path))).map(({ line, what }) => ({ where: `${path}:${line}`, what }))]
}

/**
 * Holds functions and files of sources and tools to a length, and test files to a longer one.
 *
 * @param root absolute path of the checkout
 */
export function checkSizes(root: string): Finding[] {
  const folders = [...findPackages(root).map(({ path }) => path), 'tools']
  return folders.flatMap(folder =>
    listFiles(join(root, folder), isCode).flatMap(path => {
      const isTest = /(^|\/)(test|bench)\//.test(path)
      return checkFile(root, `${folder}/${path}`, isTest)
    }),
  )
}
