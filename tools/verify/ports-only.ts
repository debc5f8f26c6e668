import { join } from 'node:path'
import ts from 'typescript'
import type { Finding } from './check.ts'
import { lineOf, moduleReferences, parseFile, visit } from './syntax.ts'
import { findPackages, isCode, listFiles } from './workspace.ts'

/** Globals that are time or chance whatever is done with them. */
const forbiddenGlobals = new Set(['performance', 'setTimeout', 'setInterval', 'setImmediate', 'crypto'])

/** Members of globals that are time or chance. */
const forbiddenMembers: Readonly<Record<string, readonly string[]>> = {
  Math: ['random'],
  Date: ['now'],
  process: ['hrtime', 'uptime', 'getBuiltinModule'],
  globalThis: ['performance', 'setTimeout', 'setInterval', 'setImmediate', 'crypto', 'Date', 'process'],
}

/** Whether an identifier is read as a variable: not a name being declared, a property, or part of a type. */
function isVariable(node: ts.Identifier): boolean {
  const parent = node.parent
  if (ts.isPropertyAccessExpression(parent) || ts.isQualifiedName(parent)) return !('name' in parent) || parent.name !== node
  if (ts.isTypeReferenceNode(parent) || ts.isTypeQueryNode(parent) || ts.isExpressionWithTypeArguments(parent)) return false
  if (ts.isBindingElement(parent)) return parent.initializer === node
  const named =
    ts.isPropertyAssignment(parent) || ts.isVariableDeclaration(parent) || ts.isParameter(parent) || ts.isPropertyDeclaration(parent)
  if (named) return parent.initializer === node
  if (ts.isClassElement(parent) || ts.isTypeElement(parent) || ts.isFunctionDeclaration(parent) || ts.isLabeledStatement(parent))
    return false
  return !ts.isImportSpecifier(parent) && !ts.isExportSpecifier(parent) && !ts.isJSDocLink(parent)
}

/** Names that a file declares or imports itself: its own, not the global ones. */
function ownNames(file: ts.SourceFile): Set<string> {
  const names = new Set<string>()
  visit(file, node => {
    const declares = ts.isVariableDeclaration(node) || ts.isParameter(node) || ts.isBindingElement(node) || ts.isFunctionDeclaration(node)
    if ((declares || ts.isImportSpecifier(node) || ts.isImportClause(node)) && node.name && ts.isIdentifier(node.name))
      names.add(node.name.text)
  })
  return names
}

/** Member names that an expression takes from an object, by dot, bracket or destructuring. */
function takenMembers(object: ts.Identifier): string[] {
  const parent = object.parent
  if (ts.isPropertyAccessExpression(parent)) return [parent.name.text]
  if (ts.isElementAccessExpression(parent) && ts.isStringLiteralLike(parent.argumentExpression)) return [parent.argumentExpression.text]
  if (ts.isVariableDeclaration(parent) && ts.isObjectBindingPattern(parent.name)) {
    return parent.name.elements.map(element => (element.propertyName ?? element.name).getText())
  }
  return []
}

function violation(node: ts.Identifier): string | undefined {
  const name = node.text
  if (forbiddenGlobals.has(name)) return name
  const members = forbiddenMembers[name]
  const taken = takenMembers(node).find(member => members?.includes(member))
  if (taken !== undefined) return `${name}.${taken}`
  if (name !== 'Date') return undefined
  const parent = node.parent
  // A date made of nothing is the present; as a function it always is.
  if (ts.isNewExpression(parent) && parent.expression === node) return parent.arguments?.length ? undefined : 'new Date()'
  return ts.isCallExpression(parent) && parent.expression === node ? 'Date()' : undefined
}

/** Lines of a file that read a clock, draw a number, set a timer or load a module of Node. */
function findDirectAccess(file: ts.SourceFile): { line: number; what: string }[] {
  const found = moduleReferences(file)
    .filter(({ specifier }) => specifier.startsWith('node:'))
    .map(({ specifier, line }) => ({ line, what: `loads '${specifier}'` }))
  const own = ownNames(file)
  visit(file, node => {
    if (!ts.isIdentifier(node) || own.has(node.text) || !isVariable(node)) return
    const what = violation(node)
    if (what !== undefined) found.push({ line: lineOf(node), what: `uses ${what}` })
  })
  return found
}

/**
 * Holds the sources of packages, and of the exchange, to the ports: time, chance and I/O come through contracts. Files below `src/platform` are
 * those ports' implementations.
 *
 * @param root absolute path of the checkout
 */
export function checkPortsOnly(root: string): Finding[] {
  const packages = findPackages(root).filter(({ path }) => path.startsWith('packages/') || path === 'apps/exchange')
  return packages.flatMap(pkg =>
    listFiles(pkg.dir, path => path.startsWith('src/') && !path.startsWith('src/platform/') && isCode(path)).flatMap(path =>
      findDirectAccess(parseFile(join(pkg.dir, path))).map(({ line, what }) => ({
        where: `${pkg.path}/${path}:${line}`,
        what: `${what}; time, chance and I/O come through contracts, or live in src/platform`,
      })),
    ),
  )
}
