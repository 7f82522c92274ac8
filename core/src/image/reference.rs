//! Image references, as containerd's and Docker's `distribution/reference` complete them.

/// The full form: `nginx` → `docker.io/library/nginx:latest`, `radial/busyboxplus:curl` → `docker.io/radial/busyboxplus:curl`.
/// The first part is a registry only if it has a dot or a colon, or is `localhost`.
pub fn normalise(reference: &str) -> String {
    let with_registry = match reference.split_once('/') {
        Some((first, _)) if first.contains(['.', ':']) || first == "localhost" => reference.to_owned(),
        Some(_) => format!("docker.io/{reference}"),
        None => format!("docker.io/library/{reference}"),
    };
    let (_, tag) = split(&with_registry);
    if tag.is_empty() { format!("{with_registry}:latest") } else { with_registry }
}

/// Repository and tag or digest; the second is empty when the reference has neither.
pub(super) fn split(reference: &str) -> (&str, &str) {
    if let Some((repository, digest)) = reference.split_once('@') {
        return (repository, digest);
    }
    let path = reference.rfind('/').map_or(0, |slash| slash + 1);
    match reference[path..].rfind(':') {
        Some(colon) => (&reference[..path + colon], &reference[path + colon + 1..]),
        None => (reference, ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_reference_gets_registry_library_and_tag() {
        let cases = [
            ("nginx", "docker.io/library/nginx:latest"),
            ("nginx:alpine", "docker.io/library/nginx:alpine"),
            ("radial/busyboxplus:curl", "docker.io/radial/busyboxplus:curl"),
            ("registry.k8s.io/pause:3.10", "registry.k8s.io/pause:3.10"),
            ("localhost/web", "localhost/web:latest"),
            ("localhost:5000/web", "localhost:5000/web:latest"),
        ];
        for (short, full) in cases {
            assert_eq!(normalise(short), full);
        }
    }
}
