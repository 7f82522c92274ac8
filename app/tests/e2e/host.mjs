// The plainest static host: serves dist/ below a sub-path, as GitHub Pages would, and knows nothing of the page.
// HOPLAB_DIST names another build's folder, such as the quicker one of `cargo xtask serve --dev`, target/serve.

import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { extname, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const DIST = process.env.HOPLAB_DIST ? pathToFileURL(`${resolve(process.env.HOPLAB_DIST)}/`) : new URL("../../../dist/", import.meta.url);
const BELOW = "/courses/networking/";
const TYPES = {
  ".css": "text/css",
  ".html": "text/html",
  ".js": "text/javascript",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
  ".woff2": "font/woff2",
};

/** Starts the host on a free port and returns the page's address. It does not keep the process alive. */
export async function host() {
  const server = createServer(async ({ url }, response) => {
    const { pathname } = new URL(url, "http://host");
    if (!pathname.startsWith(BELOW)) return response.writeHead(404).end();
    const file = new URL(pathname.slice(BELOW.length) || "index.html", DIST);
    if (!file.href.startsWith(DIST.href)) return response.writeHead(404).end();
    try {
      const body = await readFile(file);
      response.writeHead(200, { "content-type": TYPES[extname(file.pathname)] ?? "application/octet-stream" }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  server.unref();
  return new URL(BELOW, `http://127.0.0.1:${server.address().port}`);
}
