//! Requests to the API server: each takes a moment of virtual time.

use super::flags::Flags;
use crate::api::{Kind, Object, ObjectRef};
use crate::clock::Duration;
use crate::control::{Cascade, DeleteOptions};
use crate::printer;
use crate::shell::Process;
use crate::store::ApiError;
use std::cell::Cell;
use std::rc::Rc;

/// One request over a VPN or the internet to a healthy API server.
const ROUND_TRIP: Duration = Duration::from_millis(30);

/// What the API server says beside every answer about Endpoints, and since which minor version.
const ENDPOINTS_DEPRECATED: (u32, &str) =
    (33, "Warning: v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice\n");

/// One invocation: its process, its flags, and the words that name it (`kubectl create deployment`).
pub(super) struct Kubectl {
    pub process: Process,
    pub flags: Flags,
    pub path: String,
    /// kubectl shows each warning of the API server once.
    warned: Cell<bool>,
}

impl Kubectl {
    pub fn new(process: Process, flags: Flags, path: String) -> Self {
        Self { process, flags, path, warned: Cell::new(false) }
    }

    /// The namespace of `-n`, else the context's.
    pub fn namespace(&self) -> &str {
        self.flags.value("namespace").filter(|namespace| !namespace.is_empty()).unwrap_or("default")
    }

    /// The reference of a named object in this invocation's namespace.
    pub fn reference(&self, kind: Kind, name: &str) -> ObjectRef {
        match kind.resource().namespaced {
            true => ObjectRef::namespaced(kind, self.namespace(), name),
            false => ObjectRef::cluster(kind, name),
        }
    }

    pub async fn print(&self, text: impl AsRef<[u8]>) {
        self.process.print(text).await;
    }

    async fn round_trip(&self, kind: Kind) {
        self.process.sleep(ROUND_TRIP).await;
        let (since, warning) = ENDPOINTS_DEPRECATED;
        if kind == Kind::Endpoints && self.view().minor >= since && !self.warned.replace(true) {
            self.process.print_error(warning).await;
        }
    }

    pub async fn get(&self, reference: &ObjectRef) -> Result<Rc<Object>, ApiError> {
        self.round_trip(reference.kind).await;
        self.peek(reference).ok_or_else(|| ApiError::not_found(reference))
    }

    /// What a watch would show now, without a request.
    pub fn peek(&self, reference: &ObjectRef) -> Option<Rc<Object>> {
        self.process.world.borrow().store().get(reference).cloned()
    }

    /// Objects of a kind in a namespace, or in all of them.
    pub async fn list(&self, kind: Kind, namespace: Option<&str>) -> Vec<Rc<Object>> {
        self.round_trip(kind).await;
        self.peek_list(kind, namespace)
    }

    pub fn peek_list(&self, kind: Kind, namespace: Option<&str>) -> Vec<Rc<Object>> {
        let world = self.process.world.borrow();
        match namespace.filter(|_| kind.resource().namespaced) {
            Some(namespace) => world.store().list_in(kind, namespace).cloned().collect(),
            None => world.store().list(kind).cloned().collect(),
        }
    }

    pub async fn create(&self, object: Object) -> Result<Rc<Object>, ApiError> {
        self.round_trip(object.kind()).await;
        self.process.world.borrow_mut().create(object)
    }

    pub async fn update(&self, object: Object) -> Result<Rc<Object>, ApiError> {
        self.round_trip(object.kind()).await;
        self.process.world.borrow_mut().update(object)
    }

    /// `grace`: seconds; `None` leaves them to the object.
    pub async fn delete(&self, reference: &ObjectRef, grace: Option<i64>) -> Result<(), ApiError> {
        self.round_trip(reference.kind).await;
        let cascade = if self.flags.value("cascade") == Some("orphan") { Cascade::Orphan } else { Cascade::Background };
        let grace_period_seconds = grace.and_then(|seconds| u64::try_from(seconds).ok());
        self.process.world.borrow_mut().delete_with(reference, DeleteOptions { grace_period_seconds, cascade })
    }

    /// Lets time pass until something in the cluster changes or `limit` is over. Watching costs no requests.
    pub async fn watch_for(&self, limit: Duration) {
        let before = self.process.world.borrow().store().revision();
        let end = self.process.now() + limit;
        while self.process.now() < end {
            let next = self.process.world.borrow().next_deadline();
            let until = next.filter(|next| *next > self.process.now()).unwrap_or(end).min(end);
            self.process.sleep(until.since(self.process.now())).await;
            if self.process.world.borrow().store().revision() != before {
                return;
            }
        }
    }

    /// What tables depend on.
    pub fn view(&self) -> printer::View {
        let world = self.process.world.borrow();
        let minor = world.cluster().kubernetes_version.split('.').nth(1).and_then(|minor| minor.parse().ok());
        printer::View { now: world.now(), minor: minor.unwrap_or(33), wide: true }
    }
}
