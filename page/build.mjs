// Bundles the page into static files with hashed names; usage: node build.mjs <output folder>.
import { build } from 'esbuild';
import { mkdir, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';

const here = import.meta.dirname;
const out = path.resolve(process.argv[2] ?? path.join(here, '..', 'graph', 'page'));
const assets = path.join(out, 'assets');

const shared = {
  absWorkingDir: here,
  bundle: true,
  minify: true,
  format: 'esm',
  target: ['es2022'],
  jsx: 'automatic',
  define: { 'process.env.NODE_ENV': '"production"' },
  loader: { '.ttf': 'file' },
  // graph/page_files.py serves only names of this shape, and lets browsers keep them for a year.
  entryNames: '[name]-[hash]',
  chunkNames: 'chunk-[hash]',
  assetNames: '[name]-[hash]',
  legalComments: 'none', // THIRD_PARTY.txt carries every licence in full
  outdir: assets,
  metafile: true,
  logLevel: 'warning',
};

const WORKERS = {
  editor_worker: 'monaco-editor/esm/vs/editor/editor.worker.js',
  json_worker: 'monaco-editor/esm/vs/language/json/json.worker.js',
  graphql_worker: 'monaco-graphql/esm/graphql.worker.js',
};

/** The built file names of each entry point, by the name the entry was given. */
function builtNames(metafile, extension) {
  const names = {};
  for (const file of Object.keys(metafile.outputs)) {
    const base = path.basename(file);
    const entry = base.match(/^(.+)-[A-Z0-9]{8}\.(\w+)$/);
    if (entry && entry[2] === extension) names[entry[1]] = base;
  }
  return names;
}

/** The folder of the package that a bundled file came from. */
function packageOf(input) {
  const match = input.match(/^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/);
  return match?.[0];
}

async function licences(metafiles) {
  const folders = new Set(
    metafiles.flatMap((each) => Object.keys(each.inputs)).map(packageOf).filter(Boolean),
  );
  const texts = [];
  for (const folder of [...folders].sort()) {
    const { name, version, license } = JSON.parse(
      await readFile(path.join(here, folder, 'package.json'), 'utf8'),
    );
    const files = (await readdir(path.join(here, folder))).filter((each) =>
      /^(licen[cs]e|notice|thirdparty)/i.test(each),
    );
    const bodies = await Promise.all(
      files.sort().map((each) => readFile(path.join(here, folder, each), 'utf8')),
    );
    texts.push(`${name} ${version} (${license ?? 'see below'})\n\n${bodies.join('\n\n').trim()}\n`);
  }
  return texts.join(`\n${'-'.repeat(80)}\n\n`);
}

await rm(out, { recursive: true, force: true });
await mkdir(assets, { recursive: true });

const workers = await build({ ...shared, entryPoints: WORKERS });
const workerNames = builtNames(workers.metafile, 'js');

const main = await build({
  ...shared,
  entryPoints: { main: 'src/main.jsx' },
  splitting: true,
  define: { ...shared.define, WORKER_FILES: JSON.stringify(workerNames) },
});

// Addresses in the page are relative ("graphql/assets/..." seen from /graphql), so that it also
// works behind a proxy that puts it under a prefix.
const html = (await readFile(path.join(here, 'index.html'), 'utf8'))
  .replace('{{style}}', `graphql/assets/${builtNames(main.metafile, 'css').main}`)
  .replace('{{script}}', `graphql/assets/${builtNames(main.metafile, 'js').main}`);
await writeFile(path.join(out, 'index.html'), html);
await writeFile(
  path.join(out, 'THIRD_PARTY.txt'),
  await licences([workers.metafile, main.metafile]),
);

let bytes = 0;
const files = [];
for (const file of await readdir(assets)) {
  // esbuild gives each lazily loaded script a style sheet of its own; all of it is in main's.
  if (/^chunk-.*\.css$/.test(file)) await rm(path.join(assets, file));
  else files.push(file);
}
for (const file of files) bytes += (await stat(path.join(assets, file))).size;
console.log(`page: ${files.length} files, ${(bytes / 1e6).toFixed(1)} MB`);
