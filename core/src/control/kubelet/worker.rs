//! One Pod on its node: sandbox, init containers in order, containers together, and the way out.

use super::super::deletion::{DEFAULT_GRACE, LONGEST_GRACE};
use super::super::events::Occurrence;
use super::super::names;
use super::Node;
use super::container::{Surroundings, Task};
use crate::api::{Container, Object, Pod};
use crate::clock::{Duration, Instant};
use crate::net::IpAddr;

/// Typical time for RunPodSandbox: pause container, network namespace, CNI `ADD`.
const SANDBOX: Duration = Duration::from_millis(500);
/// Typical time until the kubelet tries again after the sandbox failed.
const SANDBOX_RETRY: Duration = Duration::from_secs(13);
/// Typical time to tear a sandbox down (CNI `DEL`) and tell the API server.
const TEAR_DOWN: Duration = Duration::from_millis(700);
/// More steps at one moment than any container has phases; a worker that needs more is our bug.
const MAX_STEPS: usize = 64;

#[derive(Clone, Debug)]
pub(super) struct Worker {
    pub(super) uid: String,
    pub(super) node: String,
    pub(super) started: Instant,
    pub(super) sandbox: Sandbox,
    pub(super) tasks: Vec<Task>,
    stop: Option<Stop>,
    /// The version of the Pod that it last looked at.
    seen: String,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Sandbox {
    Creating {
        until: Instant,
    },
    Ready {
        ip: Option<IpAddr>,
        since: Instant,
    },
    /// All containers ended for good; the address may go to another Pod.
    Gone {
        ip: Option<IpAddr>,
        since: Instant,
    },
}

/// The Pod is being deleted: SIGKILL comes at `kill_at`; `gone_at` is known once nothing runs.
#[derive(Clone, Debug)]
struct Stop {
    kill_at: Instant,
    told: bool,
    gone_at: Option<Instant>,
}

impl Worker {
    pub(super) fn new(object: &Object, pod: &Pod, now: Instant) -> Self {
        let init = pod.spec.init_containers.iter().map(|spec| Task::new(spec, true));
        let main = pod.spec.containers.iter().map(|spec| Task::new(spec, false));
        Self {
            uid: object.meta().uid.clone(),
            node: pod.spec.node_name.clone().unwrap_or_default(),
            started: now,
            sandbox: Sandbox::Creating { until: now + SANDBOX },
            tasks: init.chain(main).collect(),
            stop: None,
            seen: String::new(),
        }
    }

    /// Nothing is due, and the Pod is as it was when everything that was due had been done.
    pub(super) fn is_settled(&self, object: &Object, now: Instant) -> bool {
        self.seen == object.meta().resource_version && self.deadline().is_none_or(|deadline| deadline > now)
    }

    pub(super) fn ip(&self) -> Option<IpAddr> {
        match self.sandbox {
            Sandbox::Creating { .. } => None,
            Sandbox::Ready { ip, .. } | Sandbox::Gone { ip, .. } => ip,
        }
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        if let Some(stop) = &self.stop {
            let running = self.tasks.iter().filter(|task| task.is_running());
            return stop.gone_at.or_else(|| running.filter_map(Task::deadline).min());
        }
        match self.sandbox {
            Sandbox::Creating { until } => Some(until),
            Sandbox::Ready { .. } => self.tasks.iter().filter_map(Task::deadline).min(),
            Sandbox::Gone { .. } => None,
        }
    }

    pub(super) fn stop(&mut self, kill_at: Instant, now: Instant) {
        let stop = self.stop.get_or_insert(Stop { kill_at, told: false, gone_at: None });
        // A second DELETE may only shorten the grace period.
        stop.kill_at = stop.kill_at.min(kill_at).max(now);
    }

    pub(super) fn is_gone(&self, now: Instant) -> bool {
        self.stop.as_ref().and_then(|stop| stop.gone_at).is_some_and(|gone_at| gone_at <= now)
    }

    /// Does everything that is due and tells the Events of it.
    pub(super) fn step(&mut self, object: &Object, pod: &Pod, node: &mut Node<'_>, now: Instant) -> Vec<Occurrence> {
        self.seen.clone_from(&object.meta().resource_version);
        let mut events = Vec::new();
        if self.stop.is_some() {
            self.wind_down(object, pod, node, now, &mut events);
            return events;
        }
        self.create_sandbox(object, pod, node, now, &mut events);
        if matches!(self.sandbox, Sandbox::Ready { .. }) {
            self.run_tasks(object, pod, node, now, &mut events);
            self.finish(node, now, &mut events);
        }
        events
    }

    fn create_sandbox(&mut self, object: &Object, pod: &Pod, node: &mut Node<'_>, now: Instant, events: &mut Vec<Occurrence>) {
        let Sandbox::Creating { until } = self.sandbox else { return };
        if until > now {
            return;
        }
        let ip = if pod.spec.host_network { Some(node.internal_ip) } else { node.state.pool.allocate(&self.uid) };
        if ip.is_some() {
            self.sandbox = Sandbox::Ready { ip, since: now };
            return;
        }
        let id = names::sha256_like(&format!("{} sandbox {now}", object.meta().uid));
        events.push(Occurrence::warning(
            "FailedCreatePodSandBox",
            format!(
                "Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox \"{id}\": {}",
                node.state.pool.exhausted(node.cni)
            ),
        ));
        self.sandbox = Sandbox::Creating { until: now + SANDBOX_RETRY };
    }

    fn run_tasks(&mut self, object: &Object, pod: &Pod, node: &mut Node<'_>, now: Instant, events: &mut Vec<Occurrence>) {
        for _ in 0..MAX_STEPS {
            let mut moved = false;
            for index in self.allowed() {
                moved |= self.step_task(index, object, pod, node, now, events);
            }
            if !moved {
                return;
            }
        }
        unreachable!("a Pod's containers did not come to rest in {MAX_STEPS} steps");
    }

    /// Init containers go one at a time, each to its successful end, and sidecars stay; then come all the others together.
    fn allowed(&self) -> Vec<usize> {
        let current = self.tasks.iter().position(|task| task.init && !task.has_initialized());
        let indexed = self.tasks.iter().enumerate();
        let may_step = |(index, task): &(usize, &Task)| match current {
            Some(current) => *index == current || (*index < current && task.sidecar),
            None => !task.init || task.sidecar,
        };
        indexed.filter(may_step).map(|(index, _)| index).collect()
    }

    fn step_task(
        &mut self,
        index: usize,
        object: &Object,
        pod: &Pod,
        node: &mut Node<'_>,
        now: Instant,
        events: &mut Vec<Occurrence>,
    ) -> bool {
        let ip = self.ip();
        let title = format!("{}_{}({})", object.name(), object.namespace(), self.uid);
        let finishing = self.tasks.iter().all(|task| task.init || task.has_ended());
        let ports_in_use: Vec<_> = self.tasks.iter().flat_map(Task::listens).copied().collect();
        let Some(task) = self.tasks.get_mut(index) else { return false };
        let Some(spec) = spec(pod, &task.name) else { return false };
        let grace = pod.spec.termination_grace_period_seconds.and_then(|seconds| u64::try_from(seconds).ok());
        let mut around = Surroundings {
            spec,
            pod_uid: &self.uid,
            pod_title: &title,
            ip,
            ports_in_use: &ports_in_use,
            restart_policy: pod.spec.restart_policy.as_deref().unwrap_or("Always"),
            finishing,
            grace: Duration::from_secs(grace.unwrap_or(DEFAULT_GRACE).min(LONGEST_GRACE)),
            node,
            now,
        };
        task.step(&mut around, events)
    }

    /// A Pod whose containers have all ended for good stops its sidecars and gives its address back.
    fn finish(&mut self, node: &mut Node<'_>, now: Instant, events: &mut Vec<Occurrence>) {
        let failed_init = self.tasks.iter().any(|task| task.init && task.has_ended() && !task.succeeded() && !task.sidecar);
        if !failed_init && !self.tasks.iter().all(|task| task.init || task.has_ended()) {
            return;
        }
        let kill_at = now + Duration::from_secs(DEFAULT_GRACE);
        self.tasks.iter_mut().filter(|task| task.sidecar && !task.is_stopping()).for_each(|task| task.stop(kill_at, now, events));
        if !self.tasks.iter().any(Task::is_running) {
            self.leave_sandbox(node, now);
        }
    }

    fn leave_sandbox(&mut self, node: &mut Node<'_>, now: Instant) {
        if let Sandbox::Ready { ip, .. } = self.sandbox {
            node.state.pool.release(&self.uid);
            self.sandbox = Sandbox::Gone { ip, since: now };
        }
    }

    fn wind_down(&mut self, object: &Object, pod: &Pod, node: &mut Node<'_>, now: Instant, events: &mut Vec<Occurrence>) {
        let Some(stop) = &mut self.stop else { return };
        if !core::mem::replace(&mut stop.told, true) {
            let kill_at = stop.kill_at;
            self.tasks.iter_mut().for_each(|task| task.stop(kill_at, now, events));
        }
        for index in 0..self.tasks.len() {
            if self.tasks.get(index).is_some_and(Task::is_running) {
                self.step_task(index, object, pod, node, now, events);
            }
        }
        if self.tasks.iter().any(Task::is_running) {
            return;
        }
        self.leave_sandbox(node, now);
        if let Some(stop) = &mut self.stop {
            stop.gone_at.get_or_insert(now + TEAR_DOWN);
        }
    }
}

fn spec<'a>(pod: &'a Pod, name: &str) -> Option<&'a Container> {
    pod.spec.init_containers.iter().chain(&pod.spec.containers).find(|container| container.name == name)
}
