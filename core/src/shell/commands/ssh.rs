//! `ssh` and `gcloud compute ssh`: a login shell on a node.

use crate::shell::{Machine, Process, run};

pub async fn run_ssh(process: Process) -> i32 {
    let arguments = process.arguments().to_vec();
    let (host, command) = destination(&arguments);
    let Some(host) = host else {
        process.print_error("usage: ssh [-46AaCfGgKkMNnqsTtVvXxYy] destination [command [argument ...]]\n").await;
        return 255;
    };
    let Some(node) = find_node(&process, host) else {
        process.print_error(format!("ssh: Could not resolve hostname {host}: Name or service not known\n")).await;
        return 255;
    };
    log_in(process, node, (!command.is_empty()).then(|| command.join(" "))).await
}

/// The host and the command after it.
fn destination(arguments: &[String]) -> (Option<&str>, &[String]) {
    let mut at = 0;
    while let Some(argument) = arguments.get(at) {
        at += match argument.as_str() {
            "-i" | "-l" | "-o" | "-p" | "-F" | "-J" => 2,
            flag if flag.starts_with('-') => 1,
            name => return (name.rsplit('@').next(), arguments.get(at + 1..).unwrap_or_default()),
        };
    }
    (None, &[])
}

/// A node by name or address.
pub fn find_node(process: &Process, host: &str) -> Option<String> {
    let world = process.world.borrow();
    let node = world.cluster().nodes.iter().find(|node| node.name == host || node.internal_ip.to_string() == host)?;
    Some(node.name.clone())
}

/// Runs a command with the node's login shell, or the shell itself. The exit status is the remote one.
pub async fn log_in(process: Process, node: String, command: Option<String>) -> i32 {
    let machine = Machine::Node { name: node.clone() };
    let environment = machine.environment();
    let directory = machine.home();
    let interactive = command.is_none() && process.stdin.is_terminal();
    let argv = match command {
        None => vec!["bash".to_owned()],
        Some(command) => vec!["bash".to_owned(), "-c".to_owned(), command],
    };
    let status = run(Process { machine, environment, directory, argv, ..process.clone() }).await;
    if interactive {
        process.print_error(format!("Connection to {node} closed.\n")).await;
    }
    status
}
