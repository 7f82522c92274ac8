//! One container of a Pod: image pull, start, run, end, restart. Each phase knows when it ends by itself; a step takes the
//! container from one to the next and tells the Events of that moment.

use super::super::events::Occurrence;
use super::super::names;
use super::back_off::BackOff;
use super::probe::{Liveness, Readiness};
use super::{Node, pull};
use crate::api::Container;
use crate::clock::{Duration, Instant};
use crate::image::{self, Image};
use crate::net::{IpAddr, Protocol};

/// Typical time from CreateContainer to the kubelet seeing it run: the process starts in 0.3 s, the runtime is listed each second.
pub(super) const START: Duration = Duration::from_millis(800);
/// Typical time until the kubelet has noticed an exit (it lists containers once a second) and syncs the Pod.
const NOTICE: Duration = Duration::from_secs(1);
/// A server that handles SIGTERM is gone in a blink.
const CLEAN_EXIT: Duration = Duration::from_millis(200);

#[derive(Clone, Debug)]
pub(super) struct Task {
    pub(super) name: String,
    pub(super) init: bool,
    /// An init container that keeps running beside the others (`restartPolicy: Always`).
    pub(super) sidecar: bool,
    pub(super) phase: Phase,
    pub(super) restarts: u32,
    pub(super) last: Option<Terminated>,
    restart_back_off: Option<BackOff>,
    pub(super) pull_back_off: Option<BackOff>,
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
    pub(super) listens: Vec<(Protocol, u16)>,
    liveness: Liveness,
    ignores_sigterm: bool,
    end: Option<(Instant, i32)>,
    stopping: bool,
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

/// What a step needs to know beyond the container itself.
pub(super) struct Surroundings<'a, 'b> {
    pub(super) spec: &'a Container,
    pub(super) pod_uid: &'a str,
    /// `backend_lab-networking(uid)`, as the kubelet's messages name a Pod.
    pub(super) pod_title: &'a str,
    pub(super) ip: Option<IpAddr>,
    /// Sockets that the Pod's other running containers hold: they share one network namespace.
    pub(super) ports_in_use: &'a [(Protocol, u16)],
    pub(super) restart_policy: &'a str,
    pub(super) grace: Duration,
    /// The containers proper have ended for good: sidecars are on their way out.
    pub(super) finishing: bool,
    pub(super) node: &'a mut Node<'b>,
    pub(super) now: Instant,
}

impl Task {
    pub(super) fn new(spec: &Container, init: bool) -> Self {
        Self {
            name: spec.name.clone(),
            init,
            sidecar: init && spec.restart_policy.as_deref() == Some("Always"),
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

    /// Sockets that its process holds; none while it does not run.
    pub(super) fn listens(&self) -> &[(Protocol, u16)] {
        match &self.phase {
            Phase::Running(running) => &running.listens,
            _ => &[],
        }
    }

    pub(super) fn succeeded(&self) -> bool {
        matches!(&self.phase, Phase::Exited { end, then: None } if end.exit_code == 0)
    }

    /// What the containers after an init container wait for: that it ended well or, a sidecar, that it once started.
    pub(super) fn has_initialized(&self) -> bool {
        if self.sidecar { self.has_run() } else { self.succeeded() }
    }

    pub(super) fn has_run(&self) -> bool {
        self.last.is_some() || matches!(self.phase, Phase::Running(_) | Phase::Exited { .. } | Phase::CrashLoop { .. })
    }

    /// It ended and will not be started again.
    pub(super) fn has_ended(&self) -> bool {
        matches!(self.phase, Phase::Exited { then: None, .. })
    }

    pub(super) fn is_stopping(&self) -> bool {
        matches!(&self.phase, Phase::Running(running) if running.stopping)
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
            Phase::PullBackOff { .. } => pull::again(around, events),
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
        let process = process.beside(around.ports_in_use);
        Phase::Running(Running {
            id,
            since: now,
            readiness: Readiness::new(around.spec, &process, around.ip, now),
            liveness: Liveness::new(around.spec, &process, around.ip, now),
            ignores_sigterm: process.ignores_sigterm,
            listens: process.listeners.iter().map(|listener| (listener.protocol, listener.port)).collect(),
            stopping: false,
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
            running.terminate(now + around.grace, now);
        }
        Phase::Running(running)
    }

    fn exited(&mut self, around: &Surroundings<'_, '_>, end: Terminated) -> Phase {
        let failed = end.exit_code != 0;
        let again = match around.restart_policy {
            _ if self.sidecar => !around.finishing,
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
        self.stopping = true;
    }
}

/// `docker.io/library/nginx@sha256:…`
pub(super) fn image_id(image: &Image) -> String {
    format!("{}@sha256:{}", image.repository(), names::sha256_like(&image.name))
}
