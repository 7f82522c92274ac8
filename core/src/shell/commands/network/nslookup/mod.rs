//! `nslookup`: two programs of one name. BusyBox's asks everything at once and fails if any part does; BIND's walks the search list.

pub(super) mod bind;
mod busybox;

use super::conversation::flavour;
use crate::shell::Process;
use core::pin::Pin;

pub fn main(process: Process) -> Pin<Box<dyn Future<Output = i32>>> {
    Box::pin(async move {
        match flavour(&process, "nslookup").as_deref() {
            Some("busybox") => busybox::run(&process).await,
            _ => bind::run(&process).await,
        }
    })
}
