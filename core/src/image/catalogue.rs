//! The images that the simulated registries hold, read from `catalogue.json`.

use super::reference::split;
use super::{Image, Libc, Program, normalise};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::OnceLock;

#[derive(Debug, Deserialize)]
struct Catalogue {
    /// Programs that come together, such as the applets of BusyBox: set → flavour → names.
    sets: BTreeMap<String, BTreeMap<String, String>>,
    images: Vec<Entry>,
}

/// One image under all its tags.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    repository: String,
    /// Tags separated by spaces; `*` stands for any text. The first entry that matches is the image.
    tags: String,
    libc: Libc,
    sets: Vec<String>,
    /// Further programs: name → flavour.
    #[serde(default)]
    programs: BTreeMap<String, String>,
    #[serde(default)]
    entrypoint: Vec<String>,
    #[serde(default)]
    command: Vec<String>,
    size: u64,
    #[serde(default)]
    schema_1: bool,
    #[serde(default)]
    version: String,
    /// What a tag that names less than a full version stands for: `1.27` → `1.27.5`.
    #[serde(default)]
    versions: BTreeMap<String, String>,
    #[serde(default)]
    port: Option<u16>,
}

fn catalogue() -> &'static Catalogue {
    static CATALOGUE: OnceLock<Catalogue> = OnceLock::new();
    CATALOGUE
        .get_or_init(|| serde_json::from_str(include_str!("catalogue.json")).expect("the catalogue is tested to be well-formed"))
}

/// The image a reference names, if the simulated registries have it.
pub fn find(reference: &str) -> Option<Image> {
    let name = normalise(reference);
    let (repository, tag) = split(&name);
    let catalogue = catalogue();
    let entry = catalogue
        .images
        .iter()
        .filter(|entry| entry.repository == repository)
        .find(|entry| entry.tags.split(' ').any(|pattern| glob(pattern, tag)))?;
    Some(entry.image(name.clone(), tag, catalogue))
}

/// Whether the registries have the repository, under whatever tag.
pub(crate) fn has_repository(reference: &str) -> bool {
    let name = normalise(reference);
    let (repository, _) = split(&name);
    catalogue().images.iter().any(|entry| entry.repository == repository)
}

impl Entry {
    fn image(&self, name: String, tag: &str, catalogue: &Catalogue) -> Image {
        let sets = self.sets.iter().filter_map(|set| catalogue.sets.get(set));
        let mut programs: BTreeMap<&str, &str> = BTreeMap::new();
        for (flavour, names) in sets.flatten() {
            programs.extend(names.split(' ').map(|name| (name, flavour.as_str())));
        }
        programs.extend(self.programs.iter().map(|(name, flavour)| (name.as_str(), flavour.as_str())));
        Image {
            name,
            schema_1: self.schema_1,
            entrypoint: self.entrypoint.clone(),
            command: self.command.clone(),
            libc: self.libc,
            programs: programs
                .into_iter()
                .map(|(name, flavour)| Program { name: name.to_owned(), flavour: flavour.to_owned() })
                .collect(),
            size: self.size,
            version: self.version_of(tag),
            port: self.port,
        }
    }

    /// A tag that names a full version says which one it is: `1.27.5-alpine` → `1.27.5`.
    fn version_of(&self, tag: &str) -> String {
        let number = tag.split('-').next().unwrap_or_default().trim_start_matches('v');
        let parts: Vec<&str> = number.split('.').collect();
        let numeric = parts.iter().all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
        if parts.len() == 3 && numeric {
            return number.to_owned();
        }
        self.versions.get(number).unwrap_or(&self.version).clone()
    }
}

/// `*` matches any text; everything else matches itself.
fn glob(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((prefix, rest)) => text.strip_prefix(prefix).is_some_and(|tail| {
            rest.is_empty() || tail.char_indices().map(|(at, _)| &tail[at..]).chain([""]).any(|tail| glob(rest, tail))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_image_uses_sets_that_exist() {
        for entry in &catalogue().images {
            for set in &entry.sets {
                assert!(catalogue().sets.contains_key(set), "{}: {set}", entry.repository);
            }
        }
    }

    #[test]
    fn a_tag_picks_its_image() {
        // Docker Hub: nginx:alpine is built on Alpine, nginx:latest on Debian, which has neither ping nor nslookup.
        let alpine = find("nginx:1.27.5-alpine").expect("listed");
        assert_eq!((alpine.libc, alpine.program("nslookup"), alpine.version.as_str()), (Libc::Musl, Some("busybox"), "1.27.5"));
        assert_eq!(find("nginx:1.27-alpine").map(|image| image.version).as_deref(), Some("1.27.5"));
        let debian = find("nginx").expect("listed");
        assert_eq!((debian.libc, debian.program("nslookup"), debian.program("curl")), (Libc::Glibc, None, Some("curl")));
        assert_eq!(find("nginx:no-such-tag"), None);
        assert_eq!(find("no-such-image"), None);
    }
}
