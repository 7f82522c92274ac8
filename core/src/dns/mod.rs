//! Names: the CoreDNS server (answers from what it has watched) and the clients' resolver rules. The packets between them are
//! `world`'s business.

mod coredns;
mod corefile;
mod kubernetes;
mod name;
mod resolv_conf;
mod resolver;
mod upstream;
mod watch;

pub use coredns::CoreDns;
pub use corefile::Corefile;
pub use name::{fqdn, parse_reverse, reverse_name};
pub use resolv_conf::{ResolvConf, node_resolv_conf, resolv_conf};
pub use resolver::{Answer, Family, Lookup, LookupError, Next, Query, Resolver, Round, rcode_word};
pub use upstream::answer as upstream_answer;
