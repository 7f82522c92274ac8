//! The programs that talk over the network. Each works on one [`conversation::Conversation`].

mod conversation;
mod curl;
mod nslookup;

use super::Program;

/// The network program of this name. Whether a machine has it is the image's business.
pub(super) fn find(name: &str) -> Option<Program> {
    Some(match name {
        "curl" => curl::main,
        "nslookup" => nslookup::main,
        _ => return None,
    })
}
