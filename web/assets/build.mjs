// Bundles what browsers load into ../static/built: hashed names, a manifest, a .gz beside each file.
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { mkdir, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const home = dirname(fileURLToPath(import.meta.url));
const from = join(home, "..", "static");
const to = join(from, "built");
const modules = join(home, "node_modules");

await mkdir(to, { recursive: true });
// The editor's Chinese table is a file of its own: English pages never load it.
const entries = ["js/app.js", "js/viewer.js", "js/decisions.js", "js/editor/editor.js", "js/editor/chinese.js", "css/office.css", "css/viewer.css", "css/editor.css"].map((name) => join(from, name));
const made = await build({
  entryPoints: entries,
  outdir: to,
  entryNames: "[name]-[hash]",
  assetNames: "[name]-[hash]",
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  nodePaths: [modules],
  loader: { ".svg": "dataurl", ".woff2": "file" },
  legalComments: "none",
  metafile: true,
  logLevel: "warning",
  // htmx can evaluate attributes; the page's configuration and its security policy both forbid it.
  logOverride: { "direct-eval": "silent" },
});

const files = {};
for (const [path, output] of Object.entries(made.metafile.outputs)) {
  const name = output.entryPoint ?? (path.endsWith(".woff2") ? Object.keys(output.inputs)[0] : null);
  if (name) files[name.split("/").pop()] = relative(to, join(process.cwd(), path));
}

const mark = await readFile(join(from, "mark.svg"));
files["mark.svg"] = `mark-${createHash("sha256").update(mark).digest("hex").slice(0, 8).toUpperCase()}.svg`;
await writeFile(join(to, files["mark.svg"]), mark);
await writeFile(join(to, "THIRD_PARTY.txt"), await thirdParties(made.metafile.inputs));

const kept = new Set([...Object.values(files), "THIRD_PARTY.txt"]);
for (const name of kept) await writeFile(join(to, `${name}.gz`), gzipSync(await readFile(join(to, name)), { level: 9 }));

// The manifest comes last and whole: a server that starts meanwhile sees the old files or the new ones.
await writeFile(join(to, "manifest.new"), JSON.stringify({ sources: process.argv[2] ?? "", files }, null, 2));
await rename(join(to, "manifest.new"), join(to, "manifest.json"));
for (const name of await readdir(to)) {
  if (name !== "manifest.json" && !kept.has(name.replace(/\.gz$/, ""))) await rm(join(to, name), { force: true });
}

async function thirdParties(inputs) {
  const packages = new Set();
  for (const path of Object.keys(inputs)) {
    const found = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path);
    if (found) packages.add(found[1]);
  }
  const parts = [];
  for (const name of [...packages].sort()) {
    const folder = join(modules, name);
    const facts = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
    const licence = (await readdir(folder)).find((file) => /^licen[cs]e/i.test(file));
    const text = licence ? await readFile(join(folder, licence), "utf8") : `Licence: ${facts.license}`;
    parts.push(`${name} ${facts.version}\n\n${text.trim()}\n`);
  }
  return parts.join(`\n${"-".repeat(79)}\n\n`);
}
