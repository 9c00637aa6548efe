// Finds the places in a TypeScript source that can be mutated, and mutates them.
import ts from 'typescript';

const swaps = new Map([
  [ts.SyntaxKind.LessThanToken, ['comparison', '<=']],
  [ts.SyntaxKind.LessThanEqualsToken, ['comparison', '<']],
  [ts.SyntaxKind.GreaterThanToken, ['comparison', '>=']],
  [ts.SyntaxKind.GreaterThanEqualsToken, ['comparison', '>']],
  [ts.SyntaxKind.EqualsEqualsEqualsToken, ['comparison', '!==']],
  [ts.SyntaxKind.ExclamationEqualsEqualsToken, ['comparison', '===']],
  [ts.SyntaxKind.AmpersandAmpersandToken, ['boolean', '||']],
  [ts.SyntaxKind.BarBarToken, ['boolean', '&&']],
  [ts.SyntaxKind.PlusToken, ['arithmetic', '-']],
  [ts.SyntaxKind.MinusToken, ['arithmetic', '+']],
  [ts.SyntaxKind.AsteriskToken, ['arithmetic', '/']],
  [ts.SyntaxKind.SlashToken, ['arithmetic', '*']],
  [ts.SyntaxKind.PlusEqualsToken, ['arithmetic', '-=']],
  [ts.SyntaxKind.MinusEqualsToken, ['arithmetic', '+=']],
]);

const isText = (node) =>
  ts.isStringLiteralLike(node) ||
  ts.isTemplateExpression(node) ||
  (ts.isParenthesizedExpression(node) && isText(node.expression)) ||
  (ts.isBinaryExpression(node) && (isText(node.left) || isText(node.right)));

/** A function whose result is never used: the types allow returning at once. */
const givesNothing = (node) =>
  node.type !== undefined && /^(?:Promise<)?void>?$/.test(node.type.getText());

/**
 * The mutants of a source, in the order of the text.
 *
 * @returns `{ kind, start, end, text, line, was }`: what of the source is replaced by `text`.
 */
export function mutantsOf(file, source) {
  const tree = ts.createSourceFile(file, source, ts.ScriptTarget.Latest, true);
  const found = [];
  const add = (kind, start, end, text) => {
    const { line } = tree.getLineAndCharacterOfPosition(start);
    found.push({ file, kind, start, end, text, line: line + 1, was: source.slice(start, end) });
  };
  const replace = (kind, node, text) => add(kind, node.getStart(), node.getEnd(), text);
  const visit = (node) => {
    // Types do not exist at run time.
    if (ts.isTypeNode(node) || ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node))
      return;
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return;
    if (ts.isBinaryExpression(node)) {
      const swap = swaps.get(node.operatorToken.kind);
      if (swap && !isText(node)) replace(swap[0], node.operatorToken, swap[1]);
    } else if (node.kind === ts.SyntaxKind.TrueKeyword) replace('boolean', node, 'false');
    else if (node.kind === ts.SyntaxKind.FalseKeyword) replace('boolean', node, 'true');
    else if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.ExclamationToken)
      replace('boolean', node, node.operand.getText());
    // Sizes and times are tuned: no test should notice a thousandth more or less.
    else if (ts.isNumericLiteral(node) && Number(node.text) < 1000)
      replace('constant', node, `(${node.getText()} + 1)`);
    else if (ts.isExpressionStatement(node)) replace('removed statement', node, ';');
    else if (ts.isIfStatement(node)) {
      replace('condition', node.expression, 'true');
      replace('condition', node.expression, 'false');
    } else if (ts.isFunctionLike(node) && node.body && ts.isBlock(node.body) && givesNothing(node))
      add('early return', node.body.getStart() + 1, node.body.getStart() + 1, ' return;');
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return found;
}

/** The compiled module with the mutant in it. */
export function compile({ source, start, end, text }) {
  const changed = source.slice(0, start) + text + source.slice(end);
  return ts.transpileModule(changed, {
    compilerOptions: {
      target: ts.ScriptTarget.ES2023,
      module: ts.ModuleKind.ESNext,
      verbatimModuleSyntax: true,
    },
  }).outputText;
}
