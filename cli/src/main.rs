//! `hoplab`: the simulator on the command line. One file per command; this one only picks it.

mod conformance;
mod input;
mod lab;
mod reach;
mod sh;

mod trace;
mod validate;

use std::process::ExitCode;

const USAGE: &str = "\
hoplab: a simulated Kubernetes network

  hoplab sh [-f CLUSTER.yaml] [-c SCRIPT]          the simulated terminal; a script from -c, a file or standard input
  hoplab trace [-f …] --from NS/POD --to HOST:PORT the path of a connection, hop by hop
  hoplab reach [-f …] [--port P] [--probes FILE]   who may talk to whom
  hoplab validate FILE…                            what the API server would say
  hoplab lab check DIR…                            a lab's start fails its checks, its solution passes
  hoplab conformance DIR                           cases from real implementations

-f may be given several times; without it a small default cluster is used. -o json works everywhere.
";

/// Why a command could not do its work: a sentence for standard error, and exit status 2.
type Failure = String;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let command = arguments.next().unwrap_or_default();
    let rest = lexopt::Parser::from_args(arguments);
    let result = match command.as_str() {
        "lab" => lab::run(rest),
        "sh" => sh::run(rest),
        "trace" => trace::run(rest),
        "reach" => reach::run(rest),
        "validate" => validate::run(rest),
        "conformance" => conformance::run(rest),
        "" | "help" | "-h" | "--help" => {
            input::say(USAGE.trim_end());
            Ok(ExitCode::SUCCESS)
        }
        other => Err(format!("there is no command {other:?}; hoplab help lists them")),
    };
    result.unwrap_or_else(|failure| {
        eprintln!("hoplab: {failure}");
        ExitCode::from(2)
    })
}
