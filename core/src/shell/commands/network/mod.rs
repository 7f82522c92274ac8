//! The programs that talk over the network. Each works on one [`conversation::Conversation`].

mod conversation;
mod curl;
mod dig;
mod getent;
mod host;
mod nc;
mod nslookup;
mod ping;
mod wget;

use super::Program;

/// The network program of this name. Whether a machine has it is the image's business.
pub(super) fn find(name: &str) -> Option<Program> {
    Some(match name {
        "curl" => curl::main,
        "dig" => dig::main,
        "getent" => getent::main,
        "host" => host::main,
        "nc" => nc::main,
        "nslookup" => nslookup::main,
        "ping" => ping::main,
        "wget" => wget::main,
        _ => return None,
    })
}
