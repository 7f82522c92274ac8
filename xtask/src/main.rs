//! The project's chores as `cargo xtask <command>`: they fetch the pinned tools, then serve, test and build the page.
//! Every failure is one sentence that says what to do. Nothing here is part of the product.

mod browser;
mod command;
mod labs;
mod setup;
mod test;
mod web;

use std::process::ExitCode;

/// `Err` is a sentence for the person at the terminal.
type Result<T = ()> = std::result::Result<T, String>;

const USAGE: &str = "\
cargo xtask serve [--dev]  build the page, serve it on http://127.0.0.1:8080, rebuild it when a file changes
cargo xtask test [STEP…]   run all tests, or only the named steps
cargo xtask build          build the page for publishing into dist/
cargo xtask size [#/ROUTE] what opening the page transfers, against its budget; what a frame costs
cargo xtask shots [SCRIPT] photograph the page into target/shots/
cargo xtask setup          only fetch the tools that the others need
cargo xtask labs           only write the labs into dist/ (Trunk calls this)
";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let (command, rest) = match words.split_first() {
        Some((command, rest)) => (command.as_str(), rest),
        None => ("help", words.as_slice()),
    };
    let result = match command {
        "setup" => setup::setup(),
        "serve" => web::serve(rest),
        "build" => web::build(),
        "test" => test::test(rest),
        "size" => web::size(rest),
        "shots" => web::shots(rest),
        "labs" => labs::write_into_page(),
        "help" | "-h" | "--help" => {
            print!("{USAGE}");
            Ok(())
        }
        unknown => Err(format!("There is no command `{unknown}`. These exist:\n{USAGE}")),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            eprintln!("\n{sentence}");
            ExitCode::FAILURE
        }
    }
}
