//! Image pulls: how long they take and what the runtime says when they fail.

use crate::clock::Duration;
use crate::image::{self, Image};

/// Typical of a cloud node and a public registry: half a second for tokens and manifests, then 30 MB/s with unpacking.
const ROUND_TRIPS: Duration = Duration::from_millis(550);
const BYTES_PER_MILLISECOND: u64 = 30_000;

/// A pull under way: when it ends is known, its result is looked up then.
pub(super) fn duration(reference: &str) -> Duration {
    let size = image::find(reference).map_or(0, |image| image.size);
    ROUND_TRIPS + Duration::from_millis(size / BYTES_PER_MILLISECOND)
}

/// containerd converts Docker schema-1 manifests up to 2.0; 2.1 refuses them (containerd releases, deprecation table).
pub(super) fn reads_schema_1(runtime: &str) -> bool {
    let Some(version) = runtime.strip_prefix("containerd://") else { return true };
    let mut parts = version.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    (parts.next().unwrap_or(0), parts.next().unwrap_or(0)) < (2, 1)
}

/// The image, or the CRI error as the kubelet shows it.
pub(super) fn result(reference: &str, schema_1: bool) -> Result<Image, String> {
    let name = image::normalise(reference);
    let pulling = format!("failed to pull and unpack image \"{name}\"");
    let Some(image) = image::find(reference) else {
        let resolving = format!("{pulling}: failed to resolve reference \"{name}\"");
        let registry = name.split('/').next().unwrap_or_default();
        return Err(if image::has_repository(reference) {
            format!("rpc error: code = NotFound desc = {resolving}: {name}: not found")
        } else if registry == "docker.io" {
            format!(
                "rpc error: code = Unknown desc = {resolving}: pull access denied, repository does not exist or may require \
                 authorization: server message: insufficient_scope: authorization failed"
            )
        } else {
            format!("rpc error: code = NotFound desc = {resolving}: {name}: not found")
        });
    };
    if image.schema_1 && !schema_1 {
        // containerd 2.1 client/pull.go.
        return Err(format!(
            "rpc error: code = Unimplemented desc = {pulling}: not implemented: media type \
             \"application/vnd.docker.distribution.manifest.v1+prettyjws\" is no longer supported since containerd v2.1, please \
             rebuild the image as \"application/vnd.docker.distribution.manifest.v2+json\" or \
             \"application/vnd.oci.image.manifest.v1+json\""
        ));
    }
    Ok(image)
}
