import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { visitIn } from "./visit.mjs";

const AXE = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

test("the page opens below a sub-path", async (t) => {
  const page = await visitIn(t);
  assert.equal(await page.title(), "hoplab");
  assert.equal(await page.locator("h1").textContent(), "hoplab");
});

test("the page's policy forbids inline scripts, inline styles and other origins", async (t) => {
  const page = await visitIn(t);
  const policy = await page.locator('meta[http-equiv="Content-Security-Policy"]').getAttribute("content");
  assert.match(policy, /default-src 'none'/);
  assert.doesNotMatch(policy, /unsafe-inline|'unsafe-eval'|https?:|\*/);
  assert.equal(await page.locator("script:not([src]), style, [style]").count(), 0);
});

for (const colorScheme of ["light", "dark"]) {
  test(`axe finds no fault in the ${colorScheme} page`, async (t) => {
    const page = await visitIn(t, { colorScheme });
    await page.evaluate(AXE);
    const { violations } = await page.evaluate(() => axe.run());
    assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" ")}`), []);
  });
}
