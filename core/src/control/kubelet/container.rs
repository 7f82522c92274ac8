//! One container of a Pod: image pull, start, run, end, restart. Each phase knows when it ends by itself; a step takes the
//! container from one to the next and tells the Events of that moment.

use super::super::events::Occurrence;
use super::super::names;
use super::probe::{Liveness, Readiness};
use super::{Node, pull};
use crate::api::Container;
use crate::clock::{Duration, Instant};
use crate::image::{self, Image};
use crate::net::IpAddr;

/// Back-off of image pulls and of restarts: kubelet's `MaxImageBackOff`, `MaxContainerBackOff` and their first step.
const FIRST_BACK_OFF: Duration = Duration::from_secs(10);
const LONGEST_BACK_OFF: Duration = Duration::from_secs(300);
/// Typical time from CreateContainer to the kubelet seeing it run: the process starts in 0.3 s, the runtime is listed each second.
const START: Duration = Duration::from_millis(800);
/// Typical time until the kubelet has noticed an exit (it lists containers once a second) and syncs the Pod.
const NOTICE: Duration = Duration::from_secs(1);
/// Typical time until the next sync of a Pod whose pull failed.
const NEXT_SYNC: Duration = Duration::from_secs(3);
/// A server that handles SIGTERM is gone in a blink.
const CLEAN_EXIT: Duration = Duration::from_millis(200);

#[derive(Clone, Debug)]
pub(super) struct Task {
    pub(super) name: String,
    pub(super) init: bool,
    pub(super) phase: Phase,
    pub(super) restarts: u32,
    pub(super) last: Option<Terminated>,
    restart_back_off: Option<BackOff>,
    pull_back_off: Option<BackOff>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Phase {
    Waiting,
    Pulling {
        since: Instant,
        until: Instant,
    },
    /// ErrImagePull until the next sync.
    PullFailed {
        error: String,
        until: Instant,
    },
    PullBackOff {
        error: String,
        until: Instant,
    },
    /// `imagePullPolicy: Never` and no image.
    NeverPulled,
    Starting {
        until: Instant,
    },
    Running(Running),
    /// `then`: when the kubelet decides about a restart; never, if the Pod's policy has none.
    Exited {
        end: Terminated,
        then: Option<Instant>,
    },
    CrashLoop {
        delay: Duration,
        until: Instant,
    },
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Running {
    pub(super) id: String,
    pub(super) since: Instant,
    pub(super) readiness: Readiness,
    liveness: Liveness,
    ignores_sigterm: bool,
    end: Option<(Instant, i32)>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Terminated {
    pub(super) id: String,
    pub(super) exit_code: i32,
    pub(super) reason: &'static str,
    pub(super) message: Option<String>,
    pub(super) started: Instant,
    pub(super) finished: Instant,
}

/// client-go's `flowcontrol.Backoff`: doubles at each failure, forgotten when nothing failed for twice its longest step.
#[derive(Clone, Copy, Debug, PartialEq)]
struct BackOff {
    delay: Duration,
    since: Instant,
}

impl BackOff {
    fn next(earlier: Option<Self>, now: Instant) -> Self {
        let delay = earlier.filter(|back_off| !back_off.expired(now)).map(|back_off| (back_off.delay * 2).min(LONGEST_BACK_OFF));
        Self { delay: delay.unwrap_or(FIRST_BACK_OFF), since: now }
    }

    fn expired(self, now: Instant) -> bool {
        now.since(self.since) > LONGEST_BACK_OFF * 2
    }
}

/// What a step needs to know beyond the container itself.
pub(super) struct Surroundings<'a, 'b> {
    pub(super) spec: &'a Container,
    pub(super) pod_uid: &'a str,
    /// `backend_lab-networking(uid)`, as the kubelet's messages name a Pod.
    pub(super) pod_title: &'a str,
    pub(super) ip: Option<IpAddr>,
    pub(super) restart_policy: &'a str,
    pub(super) node: &'a mut Node<'b>,
    pub(super) now: Instant,
}

impl Task {
    pub(super) fn new(spec: &Container, init: bool) -> Self {
        Self {
            name: spec.name.clone(),
            init,
            phase: Phase::Waiting,
            restarts: 0,
            last: None,
            restart_back_off: None,
            pull_back_off: None,
        }
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        match &self.phase {
            Phase::Waiting | Phase::NeverPulled => None,
            Phase::Pulling { until, .. }
            | Phase::PullFailed { until, .. }
            | Phase::PullBackOff { until, .. }
            | Phase::Starting { until }
            | Phase::CrashLoop { until, .. } => Some(*until),
            Phase::Running(running) => running.deadline(),
            Phase::Exited { then, .. } => *then,
        }
    }

    pub(super) fn is_running(&self) -> bool {
        matches!(self.phase, Phase::Running(_))
    }

    pub(super) fn succeeded(&self) -> bool {
        matches!(&self.phase, Phase::Exited { end, then: None } if end.exit_code == 0)
    }

    /// Takes the container on by one phase if it is time; says whether it did.
    pub(super) fn step(&mut self, around: &mut Surroundings<'_, '_>, events: &mut Vec<Occurrence>) -> bool {
        let now = around.now;
        let due = matches!(self.phase, Phase::Waiting) || self.deadline().is_some_and(|deadline| deadline <= now);
        if !due {
            return false;
        }
        let first_event = events.len();
        self.phase = match core::mem::replace(&mut self.phase, Phase::Waiting) {
            Phase::Waiting => self.fetch(around, events),
            Phase::Pulling { since, .. } => self.pulled(around, since, events),
            Phase::PullFailed { error, until } => self.back_off_pull(around, error, until, events),
            Phase::PullBackOff { .. } => pull_again(around, events),
            Phase::NeverPulled => Phase::NeverPulled,
            Phase::Starting { .. } => self.start(around, events),
            Phase::Running(running) => self.run_on(around, running, events),
            Phase::Exited { end, .. } => self.after_exit(around, end, events),
            Phase::CrashLoop { .. } => self.restart(now),
        };
        let kind = if self.init { "initContainers" } else { "containers" };
        for event in events.iter_mut().skip(first_event) {
            event.field_path = Some(format!("spec.{kind}{{{}}}", self.name));
        }
        true
    }

    /// SIGTERM now, SIGKILL when the grace period ends.
    pub(super) fn stop(&mut self, kill_at: Instant, now: Instant, events: &mut Vec<Occurrence>) {
        if let Phase::Running(running) = &mut self.phase {
            running.terminate(kill_at, now);
            let mut event = Occurrence::normal("Killing", format!("Stopping container {}", self.name));
            event.field_path = Some(format!("spec.containers{{{}}}", self.name));
            events.push(event);
        }
    }

    fn fetch(&mut self, around: &mut Surroundings<'_, '_>, events: &mut Vec<Occurrence>) -> Phase {
        let image = &around.spec.image;
        let present = around.node.state.images.contains(&image::normalise(image));
        match pull_policy(around.spec) {
            "Never" if !present => {
                let message = format!("Container image \"{image}\" is not present with pull policy of Never");
                events.push(Occurrence::warning("ErrImageNeverPull", message));
                events.push(Occurrence::warning("Failed", "Error: ErrImageNeverPull"));
                Phase::NeverPulled
            }
            "Always" => pull_again(around, events),
            _ if !present => pull_again(around, events),
            _ => {
                events.push(Occurrence::normal("Pulled", format!("Container image \"{image}\" already present on machine")));
                Phase::Starting { until: around.now + START }
            }
        }
    }

    fn pulled(&mut self, around: &mut Surroundings<'_, '_>, since: Instant, events: &mut Vec<Occurrence>) -> Phase {
        let reference = &around.spec.image;
        match pull::result(reference, around.node.schema_1) {
            Ok(image) => {
                let took = around.now.since(since);
                let time =
                    if took.as_secs() > 0 { format!("{:.3}s", took.as_secs_f64()) } else { format!("{}ms", took.as_millis()) };
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

    fn back_off_pull(
        &mut self,
        around: &mut Surroundings<'_, '_>,
        error: String,
        synced: Instant,
        events: &mut Vec<Occurrence>,
    ) -> Phase {
        events.push(Occurrence::normal("BackOff", format!("Back-off pulling image \"{}\"", around.spec.image)));
        events.push(Occurrence::warning("Failed", "Error: ImagePullBackOff"));
        let end = self.pull_back_off.map_or(synced, |back_off| back_off.since + back_off.delay);
        Phase::PullBackOff { error, until: end.max(synced) }
    }

    fn start(&mut self, around: &mut Surroundings<'_, '_>, events: &mut Vec<Occurrence>) -> Phase {
        let Some(image) = image::find(&around.spec.image) else { return Phase::Waiting };
        let process = image::process(&image, around.spec);
        let id = self.container_id(around.pod_uid);
        let now = around.now;
        events.push(Occurrence::normal("Created", format!("Created container: {}", self.name)));
        if let Some(why) = process.start_error {
            let message = format!(
                "failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable \
                 to start container process: error during container init: {why}: unknown"
            );
            events.push(Occurrence::warning("Failed", format!("Error: {message}")));
            let epoch = Instant::default();
            let end =
                Terminated { id, exit_code: 128, reason: "StartError", message: Some(message), started: epoch, finished: now };
            return self.exited(around, end);
        }
        events.push(Occurrence::normal("Started", format!("Started container {}", self.name)));
        Phase::Running(Running {
            id,
            since: now,
            readiness: Readiness::new(around.spec, &process, around.ip, now),
            liveness: Liveness::new(around.spec, &process, around.ip, now),
            ignores_sigterm: process.ignores_sigterm,
            end: process.exits_after.map(|(after, status)| (now + after, status)),
        })
    }

    fn run_on(&mut self, around: &mut Surroundings<'_, '_>, mut running: Running, events: &mut Vec<Occurrence>) -> Phase {
        let now = around.now;
        if let Some((finished, exit_code)) = running.end.filter(|(finished, _)| *finished <= now) {
            let reason = if exit_code == 0 { "Completed" } else { "Error" };
            let end = Terminated { id: running.id, exit_code, reason, message: None, started: running.since, finished };
            return self.exited(around, end);
        }
        running.readiness.step(now, events);
        if let Some(failure) = running.liveness.step(now) {
            events.push(Occurrence::warning("Unhealthy", failure));
            events
                .push(Occurrence::normal("Killing", format!("Container {} failed liveness probe, will be restarted", self.name)));
            // terminationGracePeriodSeconds, unless the Pod says otherwise.
            running.terminate(now + Duration::from_secs(30), now);
        }
        Phase::Running(running)
    }

    fn exited(&mut self, around: &Surroundings<'_, '_>, end: Terminated) -> Phase {
        let failed = end.exit_code != 0;
        let again = match around.restart_policy {
            "Never" => false,
            "OnFailure" => failed,
            _ => failed || !self.init,
        };
        Phase::Exited { end, then: again.then(|| around.now + NOTICE) }
    }

    /// kubelet's doBackOff: the first restart comes at once, the next ones wait, counted from the last exit.
    fn after_exit(&mut self, around: &Surroundings<'_, '_>, end: Terminated, events: &mut Vec<Occurrence>) -> Phase {
        let now = around.now;
        let waits = self.restart_back_off.filter(|back_off| !back_off.expired(end.finished));
        let until = waits.map_or(now, |back_off| end.finished + back_off.delay);
        self.last = Some(end);
        match waits {
            Some(back_off) if until > now => {
                let message = format!("Back-off restarting failed container {} in pod {}", self.name, around.pod_title);
                events.push(Occurrence::warning("BackOff", message));
                Phase::CrashLoop { delay: back_off.delay, until }
            }
            _ => self.restart(now),
        }
    }

    fn restart(&mut self, now: Instant) -> Phase {
        self.restart_back_off = Some(BackOff::next(self.restart_back_off, now));
        self.restarts += 1;
        Phase::Waiting
    }

    fn container_id(&self, pod_uid: &str) -> String {
        format!("containerd://{}", names::sha256_like(&format!("{pod_uid} {} {}", self.name, self.restarts)))
    }
}

impl Running {
    fn deadline(&self) -> Option<Instant> {
        let end = self.end.map(|(end, _)| end);
        [end, self.readiness.deadline(), self.liveness.deadline()].into_iter().flatten().min()
    }

    fn terminate(&mut self, kill_at: Instant, now: Instant) {
        let clean = (now + CLEAN_EXIT).min(kill_at.max(now));
        let stopped = if self.ignores_sigterm { (kill_at.max(now), 137) } else { (clean, 0) };
        self.end = Some(self.end.filter(|(end, _)| *end <= stopped.0).unwrap_or(stopped));
        self.liveness = Liveness::default();
    }
}

/// The API server's default: Always for `:latest`, else IfNotPresent.
fn pull_policy(spec: &Container) -> &str {
    let latest = image::normalise(&spec.image).ends_with(":latest");
    spec.image_pull_policy.as_deref().unwrap_or(if latest { "Always" } else { "IfNotPresent" })
}

fn pull_again(around: &Surroundings<'_, '_>, events: &mut Vec<Occurrence>) -> Phase {
    events.push(Occurrence::normal("Pulling", format!("Pulling image \"{}\"", around.spec.image)));
    let present = around.node.state.images.contains(&image::normalise(&around.spec.image));
    // Only the manifest is asked for when the layers are there already.
    let time = if present { Duration::from_millis(480) } else { pull::duration(&around.spec.image) };
    Phase::Pulling { since: around.now, until: around.now + time }
}

/// `docker.io/library/nginx@sha256:…`
pub(super) fn image_id(image: &Image) -> String {
    format!("{}@sha256:{}", image.repository(), names::sha256_like(&image.name))
}
