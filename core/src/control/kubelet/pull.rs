//! Image pulls: the phases before a container can start, how long they take, and what the runtime says when they fail.

use super::super::events::Occurrence;
use super::back_off::BackOff;
use super::container::{Phase, START, Surroundings, Task};
use crate::api::Container;
use crate::clock::{Duration, Instant};
use crate::image::{self, Image};

/// Typical of a cloud node and a public registry: half a second for tokens and manifests, then 30 MB/s with unpacking.
const ROUND_TRIPS: Duration = Duration::from_millis(550);
const BYTES_PER_MILLISECOND: u64 = 30_000;

/// Typical time until the next sync of a Pod whose pull failed.
const NEXT_SYNC: Duration = Duration::from_secs(3);

impl Task {
    pub(super) fn fetch(&mut self, around: &mut Surroundings<'_, '_>, events: &mut Vec<Occurrence>) -> Phase {
        let image = &around.spec.image;
        let present = around.node.state.images.contains(&image::normalise(image));
        match pull_policy(around.spec) {
            "Never" if !present => {
                let message = format!("Container image \"{image}\" is not present with pull policy of Never");
                events.push(Occurrence::warning("ErrImageNeverPull", message));
                events.push(Occurrence::warning("Failed", "Error: ErrImageNeverPull"));
                Phase::NeverPulled
            }
            "Always" => again(around, events),
            _ if !present => again(around, events),
            _ => {
                events.push(Occurrence::normal("Pulled", format!("Container image \"{image}\" already present on machine")));
                Phase::Starting { until: around.now + START }
            }
        }
    }

    pub(super) fn pulled(&mut self, around: &mut Surroundings<'_, '_>, since: Instant, events: &mut Vec<Occurrence>) -> Phase {
        let reference = &around.spec.image;
        match result(reference, around.node.schema_1) {
            Ok(image) => {
                let time = go_duration(around.now.since(since));
                let size = image.size;
                events.push(Occurrence::normal(
                    "Pulled",
                    format!(
                        "Successfully pulled image \"{reference}\" in {time} ({time} including waiting). Image size: {size} bytes."
                    ),
                ));
                around.node.state.images.insert(image.name);
                self.pull_back_off = None;
                Phase::Starting { until: around.now + START }
            }
            Err(error) => {
                events.push(Occurrence::warning("Failed", format!("Failed to pull image \"{reference}\": {error}")));
                events.push(Occurrence::warning("Failed", "Error: ErrImagePull"));
                self.pull_back_off = Some(BackOff::next(self.pull_back_off, around.now));
                Phase::PullFailed { error, until: around.now + NEXT_SYNC }
            }
        }
    }

    pub(super) fn back_off_pull(
        &mut self,
        around: &mut Surroundings<'_, '_>,
        error: String,
        synced: Instant,
        events: &mut Vec<Occurrence>,
    ) -> Phase {
        events.push(Occurrence::normal("BackOff", format!("Back-off pulling image \"{}\"", around.spec.image)));
        events.push(Occurrence::warning("Failed", "Error: ImagePullBackOff"));
        let end = self.pull_back_off.map_or(synced, BackOff::end);
        Phase::PullBackOff { error, until: end.max(synced) }
    }
}

/// The kubelet cuts the time to milliseconds and prints it as Go does (`time.Duration.String`): `692ms`, `1.3s`, `1m2.5s`.
fn go_duration(took: Duration) -> String {
    let (seconds, milliseconds) = (took.as_secs(), took.subsec_millis());
    if seconds == 0 && milliseconds > 0 {
        return format!("{milliseconds}ms");
    }
    let fraction = format!(".{milliseconds:03}");
    let fraction = fraction.trim_end_matches('0').trim_end_matches('.');
    let minutes = if seconds >= 60 { format!("{}m", seconds / 60) } else { String::new() };
    format!("{minutes}{}{fraction}s", seconds % 60)
}

/// The API server's default: Always for `:latest`, else IfNotPresent.
fn pull_policy(spec: &Container) -> &str {
    let latest = image::normalise(&spec.image).ends_with(":latest");
    spec.image_pull_policy.as_deref().unwrap_or(if latest { "Always" } else { "IfNotPresent" })
}

pub(super) fn again(around: &Surroundings<'_, '_>, events: &mut Vec<Occurrence>) -> Phase {
    events.push(Occurrence::normal("Pulling", format!("Pulling image \"{}\"", around.spec.image)));
    let present = around.node.state.images.contains(&image::normalise(&around.spec.image));
    // Only the manifest is asked for when the layers are there already.
    let time = if present { Duration::from_millis(480) } else { duration(&around.spec.image) };
    Phase::Pulling { since: around.now, until: around.now + time }
}

/// A pull under way: when it ends is known, its result is looked up then.
fn duration(reference: &str) -> Duration {
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
fn result(reference: &str, schema_1: bool) -> Result<Image, String> {
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

#[cfg(test)]
mod tests {
    use super::*;

    /// What Go 1.26 prints for `time.Duration(n) * time.Millisecond`.
    #[test]
    fn the_time_of_a_pull_is_printed_as_go_prints_it() {
        for (milliseconds, expected) in [
            (0, "0s"),
            (5, "5ms"),
            (692, "692ms"),
            (1_000, "1s"),
            (1_300, "1.3s"),
            (1_304, "1.304s"),
            (10_050, "10.05s"),
            (60_000, "1m0s"),
            (62_500, "1m2.5s"),
            (125_000, "2m5s"),
        ] {
            assert_eq!(go_duration(Duration::from_millis(milliseconds)), expected);
        }
    }
}
