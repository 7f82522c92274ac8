// Photographs the built page into target/shots/ as visitors with different screens and settings see it.
//
// A script of your own shows more than the start page:
//   cargo xtask shots my-shots.mjs
//   export const route = "#/sandbox";
//   export default async (page, shoot) => { await page.getByRole("button", { name: "Send" }).click(); await shoot("sent"); };

import { mkdir } from "node:fs/promises";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { visit } from "./visit.mjs";

const FOLDER = new URL("../../../target/shots/", import.meta.url);
const VISITORS = {
  light: { colorScheme: "light" },
  dark: { colorScheme: "dark" },
  phone: { viewport: { width: 390, height: 844 }, hasTouch: true },
  still: { reducedMotion: "reduce" },
};

const script = process.argv[2];
const { route, default: scenario } = script ? await import(pathToFileURL(resolve(script)).href) : { default: (page, shoot) => shoot("start") };

await mkdir(FOLDER, { recursive: true });
for (const [visitor, options] of Object.entries(VISITORS)) {
  const { page, troubles, close } = await visit({ route, ...options });
  const shoot = async (name) => {
    const { pathname } = new URL(`${visitor}-${name}.png`, FOLDER);
    await page.screenshot({ path: pathname });
    console.log(pathname);
  };
  await scenario(page, shoot);
  for (const trouble of troubles) console.error(`${visitor}: ${trouble}`);
  await close();
}
