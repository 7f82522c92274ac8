// What a visitor transfers: opens the page, or the route named on the command line, and weighs every answer as a host with Brotli sends it.

import { brotliCompressSync } from "node:zlib";
import { visit } from "./visit.mjs";

const BUDGET = 500_000;

const route = process.argv[2] ?? "#/lab/4.1-networking-fundamentals";
const { page, address, close } = await visit();
const answers = [];
page.on("response", (response) => answers.push(response));
// Again and from the start, so that the very first request is weighed too.
await page.goto("about:blank");
await page.goto(new URL(route, address).href, { waitUntil: "networkidle" });

const rows = await Promise.all(
  answers.map(async (answer) => {
    const body = await answer.body();
    return { file: answer.url().slice(address.href.length) || "index.html", raw: body.length, sent: brotliCompressSync(body).length };
  }),
);
await close();

const line = (file, raw, sent) => console.log(`${file.padEnd(44)} ${String(raw).padStart(10)} ${String(sent).padStart(10)}`);
const total = (column) => rows.reduce((sum, row) => sum + row[column], 0);
rows.sort((a, b) => b.sent - a.sent);
line("file", "bytes", "brotli");
for (const { file, raw, sent } of rows) line(file, raw, sent);
line("total", total("raw"), total("sent"));
line("budget", "", BUDGET);
const over = total("sent") - BUDGET;
console.log(over > 0 ? `over budget by ${over} bytes` : `within budget, ${-over} bytes to spare`);
