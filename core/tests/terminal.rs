//! The terminal as the page drives it: paste, prompts, Ctrl-C, programs that read, the journal, machines.

use hoplab_core::api::{Cloud, Cluster, Cni};
use hoplab_core::shell::{Chunk, ChunkKind, Progress, SharedWorld, Terminal, run_program, run_script};
use hoplab_core::world::World;
use serde_json::json;
use std::cell::RefCell;
use std::rc::Rc;

fn world(cni: Cni) -> SharedWorld {
    let cloud = Some(Cloud { project: "my-project".to_owned(), zone: "us-central1-a".to_owned() });
    Rc::new(RefCell::new(World::new(Cluster { cni, cloud, ..Cluster::default() })))
}

/// Polls until the terminal waits for someone, letting virtual time pass; returns what appeared.
fn run(terminal: &mut Terminal) -> Vec<Chunk> {
    let mut chunks = Vec::new();
    for _ in 0..10_000 {
        let update = terminal.poll();
        chunks.extend(update.chunks);
        match update.progress {
            Progress::Running => {}
            Progress::WaitingUntil(until) => {
                let mut world = terminal.world().borrow_mut();
                let wait = until - world.now();
                world.advance(wait);
            }
            Progress::WaitingForInput => return chunks,
            Progress::Finished(status) => panic!("a terminal outlives its shells, but it ended with {status}"),
        }
    }
    panic!("the terminal never came to rest");
}

fn transcript(chunks: &[Chunk]) -> String {
    chunks.iter().map(|chunk| chunk.text.as_str()).collect()
}

fn type_all(terminal: &mut Terminal, text: &str) -> String {
    terminal.submit(text);
    transcript(&run(terminal))
}

fn fresh() -> Terminal {
    let mut terminal = Terminal::new(world(Cni::Calico));
    run(&mut terminal);
    terminal
}

#[test]
fn a_pasted_block_runs_line_by_line_and_shows_each_prompt() {
    let mut terminal = fresh();
    assert_eq!(terminal.prompt(), "learner@laptop:~$ ");
    let shown = type_all(&mut terminal, "# only a comment\necho one \\\n  two\nfor i in a b; do\necho $i\ndone\n");
    let expected = "# only a comment\nlearner@laptop:~$ echo one \\\n>   two\none two\nlearner@laptop:~$ for i in a b; do\n> echo $i\n> \
                    done\na\nb\nlearner@laptop:~$ ";
    assert_eq!(shown, expected);
    let lines: Vec<String> = terminal.records().iter().map(|record| record.line.clone()).collect();
    assert_eq!(lines, ["echo one \\\n  two", "for i in a b; do\necho $i\ndone"]);
    assert_eq!(terminal.history(), lines);
}

#[test]
fn an_incomplete_command_waits_at_the_second_prompt() {
    let mut terminal = fresh();
    for (line, prompt) in [
        ("echo \"a", "> "),
        ("b\"", "learner@laptop:~$ "),
        ("cat <<EOF", "> "),
        ("text", "> "),
        ("EOF", "learner@laptop:~$ "),
        ("echo a |", "> "),
        ("cat", "learner@laptop:~$ "),
        ("echo x \\", "> "),
        ("y", "learner@laptop:~$ "),
        ("if true", "> "),
        ("then echo yes; fi", "learner@laptop:~$ "),
    ] {
        type_all(&mut terminal, line);
        assert_eq!(terminal.prompt(), prompt, "after {line}");
    }
    let stdouts: Vec<String> = terminal.records().iter().map(|record| record.stdout.clone()).collect();
    assert_eq!(stdouts, ["a\nb\n", "text\n", "a\n", "x y\n", "yes\n"]);
}

// bash 5.2.15 at a terminal.
#[test]
fn a_syntax_error_says_what_bash_says_and_the_next_line_runs() {
    let mut terminal = fresh();
    let shown = type_all(&mut terminal, "echo | | x\necho $?\necho )\nfoo; echo ${A:?msg}; echo never\necho st=$?\n");
    assert_eq!(
        shown,
        "echo | | x\nbash: syntax error near unexpected token `|'\nlearner@laptop:~$ echo $?\n2\nlearner@laptop:~$ echo )\nbash: syntax \
         error near unexpected token `)'\nlearner@laptop:~$ foo; echo ${A:?msg}; echo never\nbash: foo: command not found\nbash: A: \
         msg\nlearner@laptop:~$ echo st=$?\nst=1\nlearner@laptop:~$ "
    );
}

#[test]
fn unknown_commands_come_with_a_hint_when_there_is_one() {
    let world = world(Cni::Calico);
    for (line, stderr) in [
        // B-S15
        ("kubect1 get pods", "bash: kubect1: command not found\nhoplab: did you mean kubectl?\n"),
        ("frobnicate", "bash: frobnicate: command not found\n"),
        ("docker ps", "hoplab: docker is not simulated\n"),
    ] {
        let output = run_script(&world, line);
        assert_eq!((output.stderr.as_str(), output.status), (stderr, 127), "{line}");
    }
}

#[test]
fn ctrl_c_ends_an_endless_loop_with_status_130() {
    let mut terminal = fresh();
    for endless in [
        "while true; do :; done",
        "sleep 1000",
        "yes > /dev/null",
        "cat",
        "yes | cat > /dev/null",
        "f() { while :; do :; done; }; f",
    ] {
        terminal.submit(endless);
        for _ in 0..50 {
            assert!(!matches!(terminal.poll().progress, Progress::Finished(_)));
        }
        terminal.interrupt();
        let shown = transcript(&run(&mut terminal));
        assert!(shown.contains("^C\n"), "{endless}: {shown}");
        assert_eq!(terminal.status(), 130, "{endless}");
        assert_eq!(terminal.prompt(), "learner@laptop:~$ ", "{endless}");
    }
    assert_eq!(type_all(&mut terminal, "echo still here"), "echo still here\nstill here\nlearner@laptop:~$ ");
}

#[test]
fn ctrl_c_drops_a_line_that_is_not_finished() {
    let mut terminal = fresh();
    type_all(&mut terminal, "echo 'open");
    terminal.interrupt();
    run(&mut terminal);
    assert_eq!(type_all(&mut terminal, "echo $?"), "echo $?\n130\nlearner@laptop:~$ ");
}

#[test]
fn a_program_reads_what_is_typed_until_ctrl_d() {
    let mut terminal = fresh();
    assert_eq!(type_all(&mut terminal, "cat | tr a-z A-Z\nhello"), "cat | tr a-z A-Z\nhello\nHELLO\n");
    terminal.end_input();
    assert_eq!(transcript(&run(&mut terminal)), "learner@laptop:~$ ");
    assert_eq!(
        type_all(&mut terminal, "read name; echo \"hi $name\"\nyou"),
        "read name; echo \"hi $name\"\nyou\nhi you\nlearner@laptop:~$ "
    );
}

#[test]
fn output_keeps_its_order_across_streams() {
    let mut terminal = fresh();
    terminal.submit("echo a; echo b >&2; echo c; nosuch || echo d");
    let chunks = run(&mut terminal);
    let kinds: Vec<(ChunkKind, &str)> = chunks.iter().map(|chunk| (chunk.kind, chunk.text.as_str())).collect();
    assert_eq!(
        kinds,
        [
            (ChunkKind::Echo, "echo a; echo b >&2; echo c; nosuch || echo d\n"),
            (ChunkKind::Stdout, "a\n"),
            (ChunkKind::Stderr, "b\n"),
            (ChunkKind::Stdout, "c\n"),
            (ChunkKind::Stderr, "bash: nosuch: command not found\n"),
            (ChunkKind::Stdout, "d\n"),
            (ChunkKind::Prompt, "learner@laptop:~$ "),
        ]
    );
    let records = terminal.records();
    assert_eq!((records[0].stdout.as_str(), records[0].stderr.as_str()), ("a\nc\nd\n", "b\nbash: nosuch: command not found\n"));
}

#[test]
fn sleeping_takes_virtual_time_and_the_journal_knows() {
    let output = run_script(&world(Cni::Calico), "sleep 90; echo up\ndate +%s >/dev/null\n(sleep 5; exit 3)");
    assert_eq!(output.stdout, "up\n");
    assert_eq!(output.status, 3);
    let seconds: Vec<u64> = output.commands.iter().map(|record| record.finished.since(record.started).as_secs()).collect();
    assert_eq!(seconds, [90, 0, 5]);
}

// `ls /etc/cni/net.d` on nodes that run each project's own manifest.
#[test]
fn a_node_holds_its_network_plugins_files() {
    // Read in the projects' own files: Calico `manifests/calico.yaml`, flannel `Documentation/kube-flannel.yml`, kube-router
    // `daemonset/kubeadm-kuberouter.yaml` after `pkg/utils/cni.go` has written range and MTU into it.
    for (cni, files, version, plugins, ipam) in [
        (Cni::Calico, "10-calico.conflist\ncalico-kubeconfig\n", "0.3.1", "calico portmap", json!({ "type": "calico-ipam" })),
        (Cni::Flannel, "10-flannel.conflist\n", "0.3.1", "flannel portmap", json!(null)),
        (
            Cni::KubeRouter,
            "10-kuberouter.conflist\n",
            "0.3.0",
            "bridge",
            json!({ "ranges": [[{ "subnet": "10.244.1.0/24" }]], "type": "host-local" }),
        ),
    ] {
        let world = world(cni);
        let listed = run_script(&world, "ssh node-1 ls /etc/cni/net.d");
        assert_eq!((listed.stdout.as_str(), listed.status), (files, 0), "{cni:?}");
        let text = run_script(&world, "ssh node-1 'cat /etc/cni/net.d/*.conflist'").stdout;
        let json: serde_json::Value = serde_json::from_str(&text).expect("a configuration list is JSON");
        let types: Vec<&str> = json["plugins"].as_array().into_iter().flatten().filter_map(|one| one["type"].as_str()).collect();
        assert_eq!((json["cniVersion"].as_str(), types.join(" ").as_str()), (Some(version), plugins), "{text}");
        assert_eq!(json["plugins"][0]["ipam"], ipam, "{text}");
        // The pattern of the lab matches nothing and cat gets it as it stands.
        let missed = run_script(&world, "gcloud compute ssh node-1 --command \"cat /etc/cni/net.d/*.conf\"");
        assert_eq!(
            (missed.stdout.as_str(), missed.stderr.as_str(), missed.status),
            (
                "",
                "No zone specified. Using zone [us-central1-a] for instance: [node-1].\ncat: '/etc/cni/net.d/*.conf': No such file or \
                 directory\n",
                1
            )
        );
    }
}

#[test]
fn gcloud_refuses_as_the_real_one_does() {
    let world = world(Cni::Calico);
    for (line, stderr, status) in [
        (
            "gcloud compute ssh nowhere",
            "ERROR: (gcloud.compute.ssh) Underspecified resource [nowhere]. Specify the [--zone] flag.\n",
            1,
        ),
        (
            "gcloud compute ssh node-1 --zone europe-west1-b",
            "ERROR: (gcloud.compute.ssh) Could not fetch resource:\n - The resource \
             'projects/my-project/zones/europe-west1-b/instances/node-1' was not found\n",
            1,
        ),
        ("gcloud compute ssh node-1 --zone us-central1-a --command 'exit 7'", "", 7),
        // B-01
        (
            "gcloud container clusters create my-cluster \\\n  --enable-dataplane-v2 \\\n  --enable-network-policy",
            "ERROR: (gcloud.container.clusters.create) ResponseError: code=400, message=Enabling NetworkPolicy for clusters with \
             DatapathProvider=ADVANCED_DATAPATH is not allowed.\n",
            1,
        ),
        ("gcloud sql instances list", "hoplab: gcloud sql instances list is not simulated\n", 1),
    ] {
        let output = run_script(&world, line);
        assert_eq!((output.stderr.as_str(), output.status), (stderr, status), "{line}");
    }
}

#[test]
fn each_machine_keeps_its_own_files() {
    let world = world(Cni::Calico);
    let script = "echo mine > note; ssh node-1 'echo theirs > note; cat note; hostname'; cat note; ssh node-1 cat note; ssh node-2 cat note";
    let output = run_script(&world, script);
    assert_eq!(output.stdout, "theirs\nnode-1\nmine\ntheirs\n");
    assert_eq!(output.stderr, "cat: note: No such file or directory\n");
}

#[test]
fn tab_completes_commands_verbs_and_files() {
    let mut terminal = fresh();
    type_all(&mut terminal, "mkdir -p dir/inner; touch dir/file.yaml");
    for (line, start, candidates) in [
        ("kube", 0, vec!["kubectl"]),
        ("echo a | gre", 9, vec!["grep"]),
        ("kubectl desc", 8, vec!["describe"]),
        ("kubectl get namespaces kube-s", 23, vec!["kube-system"]),
        ("kubectl get pods -n kube-s", 20, vec!["kube-system"]),
        ("kubectl get pods --nam", 17, vec!["--namespace"]),
        ("cat di", 4, vec!["dir/"]),
        ("cat dir/", 4, vec!["dir/file.yaml", "dir/inner/"]),
        ("ssh node-", 4, vec!["node-1", "node-2"]),
    ] {
        let completion = terminal.complete(line, line.len());
        assert_eq!(
            (completion.start, completion.candidates),
            (start, candidates.into_iter().map(str::to_owned).collect()),
            "{line}"
        );
    }
}

#[test]
fn nesting_beyond_reason_is_refused_and_not_a_crash() {
    let world = world(Cni::Calico);
    let deep = |open: &str, close: &str, count: usize| format!("{}echo{}", open.repeat(count), close.repeat(count));
    for script in [
        deep("( ", ")", 10_000),
        deep("echo $(", ")", 10_000),
        deep("{ ", "; }", 10_000),
        deep("if ", "; then :; fi", 10_000),
        format!("echo $(({}1{}))", "(".repeat(10_000), ")".repeat(10_000)),
        format!("echo $(({}1))", "-".repeat(10_000)),
        format!("echo {}", "${A:-".repeat(10_000)),
        format!("[[ {} a ]]", "! ".repeat(10_000)),
        format!("echo {}", "\"$(".repeat(10_000)),
        "f() { f; }; f".to_owned(),
        "f() { echo $(f); }; f".to_owned(),
        "f() { eval f; }; f".to_owned(),
        "A='eval \"$A\"'; eval \"$A\"".to_owned(),
        "echo 'sh x' > x; sh x".to_owned(),
        "echo 'bash -c \"bash x\"' > x; bash x".to_owned(),
        format!("echo {}", "{a,b}".repeat(40)),
        "echo {1..1000000}".to_owned(),
    ] {
        let output = run_program(&world, &["bash", "-c", &script]);
        let start: String = script.chars().take(40).collect();
        assert!(output.status != 124, "{start} never ended");
        assert!(output.status == 0 || !output.stderr.is_empty(), "{start} failed without a word");
    }
}

#[test]
fn a_paste_of_ten_thousand_lines_runs() {
    let mut terminal = fresh();
    let text: String = (0..10_000).map(|number| format!("A={number} # line\n")).collect();
    terminal.submit(&format!("{text}echo $A\n"));
    assert!(transcript(&run(&mut terminal)).ends_with("\n9999\nlearner@laptop:~$ "));
    // One command of ten thousand lines.
    let shown = type_all(&mut terminal, &format!("cat <<EOF | wc -l\n{text}EOF\n"));
    assert!(shown.ends_with("\n10000\nlearner@laptop:~$ "));
}

// BusyBox 1.37's ash and applets in nginx:alpine.
#[test]
fn a_shell_in_a_container_speaks_as_busybox_does() {
    let mut terminal = fresh();
    type_all(&mut terminal, "kubectl run web --image=nginx:alpine\nkubectl wait --for=condition=Ready pod/web --timeout=60s");
    let shown = type_all(
        &mut terminal,
        "kubectl exec -it web -- sh\nfoo\ncat /nofile\ncd /nope\necho mark > /tmp/x; ls /tmp\nexit 3\necho $?",
    );
    assert_eq!(
        shown,
        "kubectl exec -it web -- sh\n/ # foo\nsh: foo: not found\n/ # cat /nofile\ncat: can't open '/nofile': No such file or directory\n/ # \
         cd /nope\nsh: cd: can't cd to /nope: No such file or directory\n/ # echo mark > /tmp/x; ls /tmp\nx\n/ # exit 3\ncommand \
         terminated with exit code 3\nlearner@laptop:~$ echo $?\n3\nlearner@laptop:~$ "
    );
    let shown = type_all(&mut terminal, "kubectl exec web -- sh -c 'cat /tmp/x | tr a-z A-Z; exit 4' || echo \"got $?\"");
    assert!(shown.contains("\nMARK\ncommand terminated with exit code 4\ngot 4\n"), "{shown}");
}

/// Each of these doubles, repeats or waits for ever somewhere; the page's memory is the limit that they must not reach.
#[test]
fn growth_beyond_reason_is_refused_and_said() {
    let world = world(Cni::Calico);
    let long = "a".repeat(20_000);
    let grown = "hoplab: the words of a command hold more than 4194304 bytes\n";
    let braces = "hoplab: brace expansion makes too many words\n";
    for (script, said) in [
        ("x=a; while true; do x=$x$x; done".to_owned(), grown),
        ("x=a; while true; do x+=$x; done".to_owned(), grown),
        ("set -- a b; while true; do set -- \"$@\" \"$@\"; done".to_owned(), grown),
        ("x=$(yes yes yes yes yes yes)".to_owned(), grown),
        (format!("x={long}; echo ${{x//a/$x}}"), grown),
        (format!("x={long}; echo ${{x##*a*a*b}}"), "hoplab: only values of up to 8192 bytes are cut by patterns\n"),
        (format!("echo {}{{1..20000}}", "a".repeat(5_000)), braces),
        (format!("echo {}", "{".repeat(5_000)), braces),
        ("f() { f | f; }; f".to_owned(), "fork: Resource temporarily unavailable\n"),
        (
            "x=$(printf %01000d 7); x=$x$x$x$x$x$x$x; x=$x$x$x$x$x$x$x; for i in {1..200}; do echo $x; done > a; echo > b"
                .to_owned(),
            "No space left on device\n",
        ),
        (format!("mkdir {}; mkdir -p {}", "/b", "/b".repeat(2_500)), "File name too long\n"),
    ] {
        let output = run_program(&world, &["bash", "-c", &script]);
        let start: String = script.chars().take(40).collect();
        assert!(output.stderr.contains(said), "{start} said {:?}", output.stderr.get(..200).unwrap_or(&output.stderr));
    }
}

#[test]
fn a_pattern_with_more_paths_than_anybody_reads_names_none() {
    let pattern = format!("/etc{}", "/../*".repeat(12));
    let output = run_script(&world(Cni::Calico), &format!("echo {pattern}"));
    assert_eq!(output.stdout, format!("{pattern}\n"));
}
