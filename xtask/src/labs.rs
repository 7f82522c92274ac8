//! The labs as the page reads them. A static host cannot list folders and the page has no Markdown parser, so the build writes
//! `labs/index.json`, `[{"slug", "lab"}]` with each `lab.yaml`, and one `labs/<slug>.json`, `{path: text}` with all of a lab's
//! files, where every `<name>.md` has become `<name>.html`. What the files say is not this module's concern: the simulator reads them.

use crate::{Result, command::root};
use pulldown_cmark::{Event, Options, Parser, html};
use serde_json::{Map, Value, json};
use std::{
    env, fs,
    path::{Path, PathBuf},
};

/// Trunk builds into a folder of its own choice and says which.
pub fn write_into_page() -> Result {
    let page = env::var_os("TRUNK_STAGING_DIR").map_or_else(|| root().join("dist"), PathBuf::from);
    let target = page.join("labs");
    fs::create_dir_all(&target).map_err(|error| format!("Could not create {}: {error}.", target.display()))?;

    let mut index = Vec::new();
    for folder in sorted(&root().join("labs"))?.into_iter().filter(|path| path.is_dir()) {
        let slug = name(&folder);
        let mut files = Map::new();
        collect(&folder, "", &mut files)?;
        let Some(lab) = files.get("lab.yaml") else {
            return Err(format!("labs/{slug} has no lab.yaml."));
        };
        index.push(json!({ "slug": slug, "lab": lab }));
        write(&target.join(format!("{slug}.json")), &Value::Object(files))?;
    }
    write(&target.join("index.json"), &Value::Array(index))
}

/// Adds every file below `folder`, under its path from the lab's own folder.
fn collect(folder: &Path, prefix: &str, files: &mut Map<String, Value>) -> Result {
    for path in sorted(folder)? {
        let inside = format!("{prefix}{}", name(&path));
        if path.is_dir() {
            collect(&path, &format!("{inside}/"), files)?;
            continue;
        }
        let text = fs::read_to_string(&path).map_err(|error| format!("Could not read {}: {error}.", path.display()))?;
        match inside.strip_suffix(".md") {
            Some(stem) => files.insert(format!("{stem}.html"), rendered(&text).into()),
            None => files.insert(inside, text.into()),
        };
    }
    Ok(())
}

/// Markdown as HTML. HTML inside it becomes visible text: a lab must not be able to put a script or a form into the page.
fn rendered(markdown: &str) -> String {
    let events = Parser::new_ext(markdown, Options::ENABLE_TABLES).map(|event| match event {
        Event::Html(raw) | Event::InlineHtml(raw) => Event::Text(raw),
        other => other,
    });
    let mut page = String::new();
    html::push_html(&mut page, events);
    page
}

/// A folder's entries in the order of their names, without hidden ones.
fn sorted(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder)
        .and_then(|entries| entries.map(|entry| entry.map(|entry| entry.path())).collect::<std::io::Result<Vec<_>>>());
    let mut paths = entries.map_err(|error| format!("Could not list {}: {error}.", folder.display()))?;
    paths.retain(|path| !name(path).starts_with('.'));
    paths.sort();
    Ok(paths)
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn write(path: &Path, value: &Value) -> Result {
    fs::write(path, value.to_string()).map_err(|error| format!("Could not write {}: {error}.", path.display()))
}

#[cfg(test)]
mod tests {
    use super::rendered;

    fn check(markdown: &str, html: &str) {
        assert_eq!(rendered(markdown).trim_end(), html, "for {markdown:?}");
    }

    #[test]
    fn markdown_becomes_html() {
        check("Ping **web**.", "<p>Ping <strong>web</strong>.</p>");
        check("|a|\n|-|\n|1|", "<table><thead><tr><th>a</th></tr></thead><tbody>\n<tr><td>1</td></tr>\n</tbody></table>");
    }

    #[test]
    fn html_inside_markdown_is_shown_not_obeyed() {
        check("a <b onclick=x>b</b>", "<p>a &lt;b onclick=x&gt;b&lt;/b&gt;</p>");
        check("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;");
    }
}
