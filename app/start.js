// Starts the page. Trunk puts a hash into the names of the program's two files; its preload links tell them.
const address = (link) => document.querySelector(link).href;
const glue = await import(address('link[rel="modulepreload"]'));
await glue.default({ module_or_path: address('link[rel="preload"][as="fetch"]') });
