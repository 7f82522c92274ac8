//! `help` and `man`: what is simulated here, in our own words.

use crate::shell::{Machine, Process};

pub async fn run(process: Process) -> i32 {
    if process.name() == "man"
        && let Some(page) = process.arguments().first()
    {
        process
            .print_error(format!("hoplab: there are no manual pages; try {page} --help, or help for what is simulated\n"))
            .await;
        return 16;
    }
    let place = match &process.machine {
        Machine::Laptop => "your laptop, with kubectl set up for the simulated cluster".to_owned(),
        Machine::Node { name } => format!("node {name}"),
        Machine::Container { namespace, pod, container } => format!("container {container} of pod {namespace}/{pod}"),
    };
    let names = super::names(&process);
    let mut text = format!("This is a simulated terminal. You are on {place}.\n\nCommands:\n");
    let mut line = String::from(" ");
    for name in names {
        if line.len() + name.len() > 76 {
            text.push_str(&format!("{line}\n"));
            line = String::from(" ");
        }
        line.push_str(&format!(" {name}"));
    }
    text.push_str(&format!(
        "{line}\n\nThe shell understands pipes, && and ||, quotes, variables, $(…), loops, functions and here-documents.\n\
         Ctrl-C ends a command, Tab completes. Time is simulated: sleep does not make you wait.\n"
    ));
    process.print(text).await;
    0
}
