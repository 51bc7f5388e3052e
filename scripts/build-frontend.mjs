// Builds static/src into static/build: one style sheet, one script per page type, fonts.
// Usage: node scripts/build-frontend.mjs [--watch] [--sizes] | --stamp
// Django's manifest storage adds the content hash to what it serves, so entries keep plain names;
// chunks are reached by relative imports and therefore carry their own hash. The scripts and `stamp.txt` carry the
// stamp of the sources, so that server, page and scripts can tell whether they belong together.
import { createHash } from "node:crypto";
import { cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import * as esbuild from "esbuild";
import * as sass from "sass";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const source = join(root, "static/src");
const target = join(root, "static/build");
const flags = new Set(process.argv.slice(2));
const files = ["scripts/build-frontend.mjs", "package.json", "package-lock.json"].map((name) => join(root, name));

/** The fingerprint of the sources. It is scripts/stamps.py's, byte for byte: tests/web/test_front_end.py compares. */
async function stamp() {
  const total = createHash("sha256");
  const sources = (await list(source)).map((file) => [relative(source, file).split(sep), file]);
  const rest = files.map((file) => [[basename(file)], file]);
  for (const [parts, file] of [...sources.sort(([a], [b]) => compare(a, b)), ...rest]) {
    const data = await readFile(file);
    total.update(`${parts.join("/")}:${data.length}:`).update(data);
  }
  return total.digest("hex");
}

/** Python's order of paths: part by part. */
function compare(a, b) {
  for (let n = 0; n < Math.min(a.length, b.length); n += 1) if (a[n] !== b[n]) return a[n] < b[n] ? -1 : 1;
  return a.length - b.length;
}

/** `import stamp from "lambdalab:stamp"` is the stamp of the sources at the time of the build. */
const stamped = {
  name: "stamp",
  setup(build) {
    build.onResolve({ filter: /^lambdalab:stamp$/ }, ({ path }) => ({ path, namespace: "stamp" }));
    build.onLoad({ filter: /.*/, namespace: "stamp" }, async () => ({
      contents: `export default ${JSON.stringify(await stamp())};`,
      watchFiles: await list(source),
    }));
    build.onEnd(async () => writeFile(join(target, "stamp.txt"), await stamp()));
  },
};

const scss = {
  name: "scss",
  setup(build) {
    build.onLoad({ filter: /\.scss$/ }, ({ path }) => {
      const { css } = sass.compile(path, {
        loadPaths: [join(root, "node_modules")],
        quietDeps: true,
        silenceDeprecations: ["import"], // Bootstrap 5.3 is written with @import
      });
      return { contents: css, loader: "css", resolveDir: dirname(path) };
    });
  },
};

async function entries() {
  const files = await readdir(join(source, "js"), { withFileTypes: true });
  const scripts = files.filter((f) => f.isFile() && f.name.endsWith(".js") && f.name !== "theme.js");
  return scripts.map((f) => join(source, "js", f.name));
}

const shared = {
  bundle: true,
  minify: true,
  sourcemap: false,
  legalComments: "none",
  logLevel: "warning",
  outdir: target,
  absWorkingDir: root,
  metafile: true,
};

async function configs() {
  return [
    {
      ...shared,
      entryPoints: await entries(),
      plugins: [stamped],
      format: "esm",
      splitting: true,
      target: "es2022",
      chunkNames: "chunks/[name]-[hash]",
    },
    // Before the first paint and therefore not a module: modules wait for the document.
    { ...shared, entryPoints: [join(source, "js/theme.js")], plugins: [stamped], format: "iife", target: "es2022" },
    {
      ...shared,
      entryPoints: [join(source, "css/app.css")],
      plugins: [scss],
      loader: { ".woff2": "file" },
      assetNames: "fonts/[name]",
    },
  ];
}

async function list(folder) {
  const names = await readdir(folder, { withFileTypes: true, recursive: true });
  return names.filter((f) => f.isFile()).map((f) => join(f.parentPath, f.name));
}

async function printSizes() {
  for (const file of (await list(target)).sort()) {
    const bytes = await readFile(file);
    const size = file.endsWith(".woff2") ? bytes.length : gzipSync(bytes).length;
    console.log(`${(size / 1024).toFixed(1).padStart(7)} KB  ${file.slice(target.length + 1)}`);
  }
}

async function build() {
  await mkdir(target, { recursive: true });
  await cp(join(source, "icons"), target, { recursive: true });
  const made = await Promise.all((await configs()).map((config) => esbuild.build(config)));
  const kept = new Set(made.flatMap(({ metafile }) => Object.keys(metafile.outputs).map((path) => join(root, path))));
  kept.add(join(target, "stamp.txt"));
  for (const icon of await readdir(join(source, "icons"))) kept.add(join(target, icon));
  // Files of earlier builds go last: a server that is running never misses one that it still needs.
  for (const file of await list(target)) if (!kept.has(file)) await rm(file);
}

if (flags.has("--stamp")) {
  console.log(await stamp());
  process.exit();
}
await build();
if (flags.has("--watch")) {
  for (const config of await configs()) await (await esbuild.context(config)).watch();
  console.log("Watching static/src …");
}
if (flags.has("--sizes")) await printSizes();
