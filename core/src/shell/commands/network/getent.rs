//! `getent hosts NAME` and `getent ahosts NAME`: the libc's own answer.

use super::conversation::{Conversation, resolver};
use crate::dns::Family;
use crate::shell::Process;
use crate::trace::Outcome;
use core::pin::Pin;

/// "One or more supplied keys could not be found" (getent(1)).
const NOT_FOUND: i32 = 2;

pub fn main(process: Process) -> Pin<Box<dyn Future<Output = i32>>> {
    Box::pin(async move {
        let (database, names) = match process.arguments() {
            [database, names @ ..] => (database.as_str(), names),
            [] => ("", &[][..]),
        };
        if !matches!(database, "hosts" | "ahosts" | "ahostsv4") || names.is_empty() {
            let text = if database.is_empty() {
                "getent: wrong number of arguments\n".to_owned()
            } else {
                format!("Unknown database: {database}\n")
            };
            process.print_error(text).await;
            return 1;
        }
        let mut status = 0;
        for name in names {
            let mut conversation = Conversation::begin(&process);
            match conversation.resolve(resolver(&process, "getent"), name, Family::Any).await {
                Ok(addresses) => {
                    let first = addresses.first().map(|ip| format!("A {ip}")).unwrap_or_default();
                    conversation.end(Outcome::Answered { summary: first });
                    for ip in addresses {
                        let lines = match database {
                            "hosts" => format!("{:<15} {name}\n", ip.to_string()),
                            _ => format!("{0:<15} STREAM {name}\n{0:<15} DGRAM  \n{0:<15} RAW    \n", ip.to_string()),
                        };
                        process.print(lines).await;
                    }
                }
                Err(error) => {
                    let outcome = conversation.lookup_outcome(error, name);
                    conversation.end(outcome);
                    status = NOT_FOUND;
                }
            }
        }
        status
    })
}
