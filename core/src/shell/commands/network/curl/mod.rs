//! `curl` 8.7: command line, transfers one after another, messages and exit statuses as curl writes them.

mod message;
mod meter;
mod options;
mod transfer;
mod url;
mod write_out;

use super::conversation::resolver;
use crate::clock::Duration;
use crate::shell::Process;
use core::pin::Pin;
use options::{Options, OutputTo};
use transfer::Transfer;
pub(super) use url::Url;

/// What `curl/8.7.1` says of itself.
const VERSION: &str = "8.7.1";

pub fn main(process: Process) -> Pin<Box<dyn Future<Output = i32>>> {
    Box::pin(async move { run(&process).await })
}

async fn run(process: &Process) -> i32 {
    let options = match Options::read(process.arguments()) {
        Ok(options) => options,
        Err(error) => {
            process.print_error(error.text()).await;
            return 2;
        }
    };
    if options.version {
        process.print(version_text(process)).await;
        return 0;
    }
    if options.help {
        process.print(HELP).await;
        return 0;
    }
    if options.urls.is_empty() {
        process
            .print_error("curl: (2) no URL specified\ncurl: try 'curl --help' or 'curl --manual' for more information\n")
            .await;
        return 2;
    }
    let mut status = 0;
    for (number, url) in options.urls.iter().enumerate() {
        let output = options.output(number);
        status = fetch(process, &options, url, &output, number).await;
        if status != 0 && options.fail_early {
            break;
        }
    }
    status
}

/// One URL with its retries, its output and its error line. The exit status.
async fn fetch(process: &Process, options: &Options, url: &str, output: &OutputTo, number: usize) -> i32 {
    let mut retries = 0;
    let mut transfer = Transfer::run(process, options, url, output).await;
    while retries < options.retries && transfer.is_transient(options) {
        let pause = options.retry_delay.unwrap_or(Duration::from_secs(1 << retries.min(9)));
        let left = options.retries - retries;
        if !options.silent {
            let what = transfer.why_transient();
            let seconds = pause.as_secs();
            let plural = if seconds == 1 { "" } else { "s" };
            process
                .print_error(format!(
                    "Warning: Problem: {what}. Will retry in {seconds} second{plural}. {left} {} left.\n",
                    if left == 1 { "retry" } else { "retries" }
                ))
                .await;
        }
        process.sleep(pause).await;
        process.yield_now().await;
        retries += 1;
        transfer = Transfer::run(process, options, url, output).await;
    }
    if transfer.exit != 0 && (!options.silent || options.show_error) {
        process.print_error(format!("curl: ({}) {}\n", transfer.exit, transfer.message)).await;
    }
    if let Some(format) = &options.write_out {
        write_out::print(process, format, &transfer, output, number, retries).await;
    }
    transfer.exit
}

fn version_text(process: &Process) -> String {
    let ares = if resolver(process, "curl") == crate::dns::Resolver::Cares { " c-ares/1.28.1" } else { "" };
    format!(
        "curl {VERSION} (x86_64-linux) libcurl/{VERSION} OpenSSL/3.3.0 zlib/1.3.1{ares}\nRelease-Date: 2024-03-27\nProtocols: http\nFeatures: AsynchDNS IPv6\n"
    )
}

const HELP: &str = "Usage: curl [options...] <url>
 -d, --data <data>           HTTP POST data
 -f, --fail                  Fail fast with no output on HTTP errors
 -h, --help <category>       Get help for commands
 -i, --include               Include response headers in output
 -o, --output <file>         Write to file instead of stdout
 -s, --silent                Silent mode
 -v, --verbose               Make the operation more talkative
 -V, --version               Show version number and quit
 -w, --write-out <format>    Output FORMAT after completion
     --connect-timeout <s>   Maximum time allowed to connect
 -m, --max-time <s>          Maximum time allowed for transfer
";
