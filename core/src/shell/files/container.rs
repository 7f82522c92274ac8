//! A container's files: its image's few that anyone looks at, and what the kubelet mounts over them.

use super::base::{DEBIAN, Files};
use crate::api::{Container, Kind, Object, ObjectRef};
use crate::image::{self, Image, Server};
use crate::shell::Machine;
use crate::world::World;
use std::rc::Rc;

pub(super) fn add(files: &mut Files, world: &World, namespace: &str, pod: &str, container: &str) {
    let Some(object) = find_pod(world, namespace, pod) else { return };
    files.add("/etc/resolv.conf", crate::dns::resolv_conf(world.cluster(), &object));
    files.add("/etc/hosts", hosts(&object));
    let service_account = "/var/run/secrets/kubernetes.io/serviceaccount";
    files.add(&format!("{service_account}/namespace"), namespace);
    let Some((spec, image)) = find_container(&object, container) else { return };
    files.add("/etc/os-release", os_release(&image));
    files.add_directory("/bin");
    if let Some(body) = index_page(&image, &spec) {
        files.add("/usr/share/nginx/html/index.html", body);
        files.add("/etc/nginx/nginx.conf", NGINX);
    }
}

const NGINX: &str = "user  nginx;\nworker_processes  auto;\n\nevents {\n    worker_connections  1024;\n}\n\nhttp {\n    \
     include       /etc/nginx/mime.types;\n    include /etc/nginx/conf.d/*.conf;\n}\n";

pub(super) fn find_pod(world: &World, namespace: &str, pod: &str) -> Option<Rc<Object>> {
    world.store().get(&ObjectRef::namespaced(Kind::Pod, namespace, pod)).cloned()
}

fn find_container(pod: &Object, container: &str) -> Option<(Container, Image)> {
    let spec = &pod.as_pod()?.spec;
    let found = spec.containers.iter().chain(&spec.init_containers).find(|known| known.name == container)?;
    Some((found.clone(), image::find(&found.image)?))
}

/// The image that a container runs.
pub(in crate::shell) fn image_of(world: &World, namespace: &str, pod: &str, container: &str) -> Option<Image> {
    find_container(&*find_pod(world, namespace, pod)?, container).map(|(_, image)| image)
}

/// The command line of process 1.
pub(in crate::shell) fn main_process(world: &World, namespace: &str, pod: &str, container: &str) -> String {
    let found = find_pod(world, namespace, pod).and_then(|pod| find_container(&pod, container));
    let Some((spec, image)) = found else { return String::new() };
    // nginx renames its process.
    if index_page(&image, &spec).is_some() {
        return "nginx: master process nginx -g daemon off;".to_owned();
    }
    let command = if spec.command.is_empty() { image.entrypoint } else { spec.command.clone() };
    let arguments = if spec.args.is_empty() && spec.command.is_empty() { image.command } else { spec.args };
    [command, arguments].concat().join(" ")
}

/// Names the container's writable layer: a restarted container has a new one.
pub(super) fn id(world: &World, namespace: &str, pod: &str, container: &str) -> String {
    let Some(pod) = find_pod(world, namespace, pod) else { return String::new() };
    let statuses = pod.document().pointer("/status/containerStatuses").and_then(|statuses| statuses.as_array());
    let status = statuses.into_iter().flatten().find(|status| status["name"] == container);
    let id = status.and_then(|status| status["containerID"].as_str()).unwrap_or_default();
    format!("{}/{id}", pod.meta().uid)
}

/// As the kubelet writes it (`pkg/kubelet/kubelet_pods.go`, `managedHostsFileContent`).
fn hosts(pod: &Object) -> String {
    let mut text = "# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n\
                    fe00::0\tip6-localnet\nfe00::0\tip6-mcastprefix\nfe00::1\tip6-allnodes\nfe00::2\tip6-allrouters\n"
        .to_owned();
    if let Some(address) = pod.as_pod().and_then(|pod| pod.ip()) {
        text.push_str(&format!("{address}\t{}\n", pod.name()));
    }
    text
}

fn os_release(image: &Image) -> String {
    match image.libc {
        image::Libc::Musl => "NAME=\"Alpine Linux\"\nID=alpine\nVERSION_ID=3.22.1\nPRETTY_NAME=\"Alpine Linux v3.22\"\n\
                              HOME_URL=\"https://alpinelinux.org/\"\nBUG_REPORT_URL=\"https://gitlab.alpinelinux.org/alpine/aports/-/issues\"\n"
            .to_owned(),
        image::Libc::Glibc | image::Libc::Go => DEBIAN.to_owned(),
    }
}

/// The page that nginx serves, if this is nginx.
fn index_page(image: &Image, container: &Container) -> Option<String> {
    if !image.repository().ends_with("/nginx") {
        return None;
    }
    image::process(image, container).listeners.into_iter().find_map(|listener| match listener.server {
        Server::Http { body, .. } => Some(body),
        Server::CoreDns | Server::Silent => None,
    })
}

/// The address that `hostname -i` prints.
pub(in crate::shell) fn address(world: &World, machine: &Machine) -> String {
    match machine {
        Machine::Laptop => "127.0.1.1".to_owned(),
        Machine::Node { name } => {
            let node = world.cluster().nodes.iter().find(|node| node.name == *name);
            node.map(|node| node.internal_ip.to_string()).unwrap_or_default()
        }
        Machine::Container { namespace, pod, .. } => {
            let pod = find_pod(world, namespace, pod);
            pod.and_then(|pod| pod.as_pod()?.ip()).map(|address| address.to_string()).unwrap_or_default()
        }
    }
}
