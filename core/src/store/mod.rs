//! The API server's state: objects by reference, resource versions, admission. Plain data; it never looks at time by itself
//! and knows nothing of controllers or packets.

mod admission;
mod allocation;
mod error;
mod plugins;

pub use error::{ApiError, ErrorReason, FieldError};

use crate::api::{Cluster, Kind, Object, ObjectRef};
use crate::clock::Instant;
use std::collections::BTreeMap;
use std::rc::Rc;

/// All objects of one cluster. Cloning is cheap: objects are shared.
#[derive(Clone, Debug)]
pub struct Store {
    objects: BTreeMap<ObjectRef, Rc<Object>>,
    revision: u64,
    ranges: allocation::Ranges,
}

/// An empty store of a cluster that nothing is said of.
impl Default for Store {
    fn default() -> Self {
        Self::new(&Cluster::default())
    }
}

impl Store {
    /// An empty store. The cluster says from which range Services get their addresses.
    pub fn new(cluster: &Cluster) -> Self {
        Self { objects: BTreeMap::new(), revision: 0, ranges: allocation::Ranges::new(cluster) }
    }

    /// A store that holds just these objects, as they are: a cluster's state as somebody saved it, without admission.
    pub fn holding(objects: impl IntoIterator<Item = Object>) -> Self {
        let objects: BTreeMap<_, _> = objects.into_iter().map(|object| (object.reference(), Rc::new(object))).collect();
        Self { revision: 1, objects, ..Self::default() }
    }

    /// Counts every change; equal revisions mean equal contents.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    pub fn get(&self, reference: &ObjectRef) -> Option<&Rc<Object>> {
        self.objects.get(reference)
    }

    /// Objects of a kind, ordered by namespace and name.
    pub fn list(&self, kind: Kind) -> impl Iterator<Item = &Rc<Object>> {
        self.in_range(ObjectRef::cluster(kind, ""), move |reference| reference.kind == kind)
    }

    /// Objects of a kind in one namespace, ordered by name.
    pub fn list_in<'a>(&'a self, kind: Kind, namespace: &'a str) -> impl Iterator<Item = &'a Rc<Object>> {
        self.in_range(ObjectRef::namespaced(kind, namespace, ""), move |reference| {
            reference.kind == kind && reference.namespace == namespace
        })
    }

    fn in_range<'a>(
        &'a self,
        first: ObjectRef,
        within: impl Fn(&ObjectRef) -> bool + 'a,
    ) -> impl Iterator<Item = &'a Rc<Object>> {
        self.objects.range(first..).take_while(move |(reference, _)| within(reference)).map(|(_, object)| object)
    }

    /// What `POST` does: admission and validation, then uid, resourceVersion, creationTimestamp.
    pub fn create(&mut self, object: Object, now: Instant) -> Result<Rc<Object>, ApiError> {
        let object = admission::create(self, object, now)?;
        if self.objects.contains_key(&object.reference()) {
            return Err(ApiError::already_exists(&object.reference()));
        }
        Ok(self.insert(object))
    }

    /// What `PUT` does. The new document replaces the old one; server-owned metadata is kept.
    pub fn update(&mut self, object: Object) -> Result<Rc<Object>, ApiError> {
        let Some(old) = self.objects.get(&object.reference()).cloned() else {
            return Err(ApiError::not_found(&object.reference()));
        };
        let changed = admission::update(self, &old, object)?;
        Ok(changed.map_or(old, |object| self.insert(object)))
    }

    /// Takes the object out at once. Graceful deletion and finalizers are the business of `control`.
    pub fn remove(&mut self, reference: &ObjectRef) -> Result<Rc<Object>, ApiError> {
        let object = self.objects.remove(reference).ok_or_else(|| ApiError::not_found(reference))?;
        self.revision += 1;
        Ok(object)
    }

    fn insert(&mut self, object: Object) -> Rc<Object> {
        self.revision += 1;
        let object = Rc::new(object);
        self.objects.insert(object.reference(), Rc::clone(&object));
        object
    }
}
