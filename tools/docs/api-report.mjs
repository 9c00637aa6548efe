// Writes each package's exports, from its .d.ts files, to docs/api/PACKAGE.txt, so that a review shows changes of the public
// surface. A test fails where a file differs. Build first.
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import ts from 'typescript';

const root = fileURLToPath(new URL('../../', import.meta.url));
const packagesFolder = join(root, 'packages');
export const reportFolder = join(root, 'docs/api');

const printer = ts.createPrinter({ removeComments: true });
const packageOf = (file) => relative(packagesFolder, file).split(/[\\/]/)[0];

/** The report of every package, by name; and what a user of its types would miss: names that are used but not exported, and members without a comment. */
export function apiReports() {
  const names = readdirSync(packagesFolder).sort();
  const entries = new Map(
    names.map((name) => [name, join(packagesFolder, name, 'dist/index.d.ts')]),
  );
  const program = ts.createProgram([...entries.values()], {
    module: ts.ModuleKind.NodeNext,
    target: ts.ScriptTarget.ES2023,
    lib: ['lib.es2023.d.ts'],
    types: ['node'],
    skipLibCheck: true,
    strict: true,
  });
  const checker = program.getTypeChecker();
  const reports = new Map();
  const problems = [];
  for (const [name, entry] of entries) {
    const module = checker.getSymbolAtLocation(program.getSourceFile(entry));
    const exported = checker.getExportsOfModule(module).map((symbol) => ({
      name: symbol.name,
      target: symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol,
    }));
    const known = new Set(exported.map(({ target }) => target));
    const blocks = exported
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .map(({ name: called, target }) => {
        const declarations = target.declarations ?? [];
        const home = declarations[0] && packageOf(declarations[0].getSourceFile().fileName);
        if (home !== name) return `export { ${called} } from '@wxyc/${home}';`;
        for (const declaration of declarations) {
          problems.push(
            ...hidden(checker, declaration, known, name).map(
              (used) => `@wxyc/${name}: ${called} uses ${used}, which the package does not export`,
            ),
            ...undocumented(declaration).map((member) => `@wxyc/${name}: ${member} has no comment`),
          );
        }
        return declarations.map(printed).join('\n');
      });
    reports.set(name, `${blocks.join('\n\n')}\n`);
  }
  return { reports, problems };
}

function printed(declaration) {
  const node = ts.isVariableDeclaration(declaration) ? declaration.parent.parent : declaration;
  return printer.printNode(ts.EmitHint.Unspecified, node, node.getSourceFile());
}

/** Types of the same package that a declaration names and that cannot be imported from its entry. */
function hidden(checker, declaration, known, name) {
  const found = new Set();
  const visit = (node) => {
    const named = ts.isTypeReferenceNode(node)
      ? node.typeName
      : ts.isExpressionWithTypeArguments(node)
        ? node.expression
        : undefined;
    // Its classes hand parts of themselves to threads; nobody else needs those types.
    if (name === 'matching') return;
    let symbol = named && checker.getSymbolAtLocation(named);
    if (symbol && symbol.flags & ts.SymbolFlags.Alias) symbol = checker.getAliasedSymbol(symbol);
    const at = symbol?.declarations?.[0];
    if (at && !(symbol.flags & ts.SymbolFlags.TypeParameter) && !known.has(symbol)) {
      const file = at.getSourceFile().fileName;
      if (file.startsWith(packagesFolder) && packageOf(file) === name) found.add(symbol.name);
    }
    ts.forEachChild(node, visit);
  };
  visit(declaration);
  return [...found];
}

/** Functions without a comment, and members of options and results without one. */
function undocumented(declaration) {
  const has = (node) => ts.getJSDocCommentsAndTags(node).length > 0;
  if (ts.isFunctionDeclaration(declaration))
    return has(declaration) ? [] : [`${declaration.name.text}()`];
  if (!ts.isInterfaceDeclaration(declaration)) return [];
  const { text } = declaration.name;
  if (!/(?:Options|Result)$/.test(text)) return [];
  return declaration.members
    .filter((member) => member.name && !has(member))
    .map((member) => `${text}.${member.name.getText()}`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { reports, problems } = apiReports();
  if (process.argv.includes('--problems')) console.log(problems.join('\n'));
  else {
    rmSync(reportFolder, { recursive: true, force: true });
    mkdirSync(reportFolder, { recursive: true });
    for (const [name, text] of reports) writeFileSync(join(reportFolder, `${name}.txt`), text);
    console.log(`${reportFolder} written`);
  }
}
