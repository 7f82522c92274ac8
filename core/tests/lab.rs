//! A learner's session through its public seam: checks ask about outcomes, and a journal rebuilds everything.

use hoplab_core::lab::{Journal, Lab, LabSummary, Session, StepResult};
use std::collections::BTreeMap;
use std::rc::Rc;

const LAB: &str = "title: A lab\nminutes: 5\nlevel: Foundation\ngoal: See a Pod run.\norder: 1\n";

const SCENE: &str = "
apiVersion: hoplab.dev/v1
kind: Cluster
metadata: {name: test}
spec:
  nodes:
  - {name: node-1, internalIP: 192.168.1.11, podCIDR: 10.244.0.0/24}
";

fn lab(step: &str) -> Result<Rc<Lab>, String> {
    let files = [
        ("lab.yaml", LAB),
        ("cluster.yaml", SCENE),
        ("steps/01-only/step.yaml", step),
        ("steps/01-only/text.md", "Do it."),
        ("steps/01-only/solution.sh", "true"),
    ];
    let files: BTreeMap<String, String> = files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
    Lab::parse("test", &files).map(Rc::new).map_err(|faults| faults.iter().map(ToString::to_string).collect())
}

fn session(checks: &str) -> Session {
    let lab = lab(&format!("title: Only\nchecks:\n{checks}")).expect("the lab is good");
    Session::start(lab, None).expect("the scene is good")
}

fn run(session: &mut Session, command: &str) -> String {
    session.submit(command);
    let mut printed = String::new();
    while session.is_busy() {
        printed.extend(session.poll().output.into_iter().map(|chunk| chunk.text));
    }
    printed
}

/// Before and after a command, whether the step's checks hold.
fn check(checks: &str, command: &str, before: bool, after: bool) -> StepResult {
    let mut session = session(checks);
    assert_eq!(session.check(0).passed(), before, "before {command:?}: {:?}", session.check(0));
    run(&mut session, command);
    let result = session.check(0);
    assert_eq!(result.passed(), after, "after {command:?}: {result:?}");
    result
}

const MAKE_POD: &str = "kubectl run web --image=nginx:alpine; kubectl wait --for=condition=Ready pod/web";

#[test]
fn a_field_is_compared_with_what_kubectl_would_print() {
    let checks = "- {name: it runs, expect: {field: {object: Pod default/web, path: '{.status.phase}', is: Running}}}";
    check(checks, MAKE_POD, false, true);
}

#[test]
fn objects_are_there_or_gone() {
    check("- {name: there, expect: {exists: Namespace shop}}", "kubectl create namespace shop", false, true);
    check("- {name: gone, expect: {absent: Namespace default}}", "true", false, false);
}

#[test]
fn what_was_printed_counts_with_its_exit_status() {
    check("- {name: said, expect: {printed: {text: hello, status: 0}}}", "echo hello", false, true);
    check("- {name: said, expect: {printed: {text: hello, status: 0}}}", "echo hello; false", false, false);
}

#[test]
fn a_command_line_that_only_mentions_a_text_has_not_printed_it() {
    check("- {name: said, expect: {printed: {text: hello}}}", "true hello", false, false);
}

#[test]
fn a_conversation_is_judged_by_its_outcome_and_can_be_shown() {
    let checks = "- {name: refused, expect: {sent: {from: Pod default/web, outcome: refused}}}";
    let command = format!("{MAKE_POD}; kubectl exec web -- curl -s http://127.0.0.1:8080");
    let result = check(checks, &command, false, true);
    assert!(result.checks[0].exchange.is_some(), "the check shows the conversation");
}

#[test]
fn a_script_runs_on_a_copy_of_the_cluster() {
    let mut session = session("- {name: makes, expect: {run: {script: kubectl create namespace copy, status: 0}}}");
    assert!(session.check(0).passed());
    assert!(session.check(0).passed(), "asking changed nothing");
    assert!(run(&mut session, "kubectl get namespace copy").contains("not found"));
}

#[test]
fn the_first_failure_is_the_one_shown() {
    let checks = "- {name: first, expect: {exists: Namespace a}}\n- {name: second, expect: {exists: Namespace b}}";
    let result = check(checks, "kubectl create namespace b", false, false);
    let failure = result.first_failure().expect("one check fails");
    assert_eq!((failure.name.as_str(), failure.observed.as_str()), ("first", "it does not exist"));
}

#[test]
fn a_journal_rebuilds_the_session() {
    let mut first = session("- {name: runs, expect: {exists: Pod default/web}}");
    run(&mut first, MAKE_POD);
    first.elapse(std::time::Duration::from_secs(7));
    run(&mut first, "kubectl exec web -- curl -s http://127.0.0.1; X=5");
    run(&mut first, "cat <<EOF\nsome $X lines\nEOF");
    let text = serde_json::to_string(first.journal()).expect("a journal can be written");
    let journal: Journal = serde_json::from_str(&text).expect("and read");
    let second = Session::resume(Rc::clone(first.lab()), journal).expect("the scene is good");
    assert_eq!(second.journal(), first.journal());
    assert_eq!(*second.terminal().records(), *first.terminal().records());
    assert_eq!(second.world().borrow().now(), first.world().borrow().now());
    assert_eq!(second.world().borrow().exchanges(), first.world().borrow().exchanges());
    assert_eq!(second.world().borrow().snapshot(), first.world().borrow().snapshot());
}

#[test]
fn an_endless_loop_can_be_interrupted_and_replayed() {
    let mut first = session("- {name: never, expect: {exists: Namespace never}}");
    first.submit("while true; do :; done");
    for _ in 0..50 {
        first.poll();
    }
    assert!(first.is_busy(), "it runs for ever");
    first.interrupt();
    while first.is_busy() {
        first.poll();
    }
    assert_eq!(first.terminal().status(), 130);
    let mut second = Session::resume(Rc::clone(first.lab()), first.journal().clone()).expect("the scene is good");
    second.poll();
    assert!(!second.is_busy(), "the loop does not run on");
    assert_eq!(second.terminal().status(), 130);
}

#[test]
fn faults_in_a_lab_say_where_they_are() {
    for (step, fault) in [
        ("title: x\nchecks:\n- {name: a, expect: {exist: Namespace a}}", "unknown variant `exist`"),
        ("title: x\ncheck: []", "unknown field `check`"),
        ("title: [x", "steps/01-only/step.yaml"),
    ] {
        let found = lab(step).expect_err("the lab is not good");
        assert!(found.contains(fault), "{found:?} says {fault:?}");
    }
}

#[test]
fn the_list_of_labs_is_in_the_order_of_learning() {
    let entry = |slug: &str, order: u32| {
        let lab = format!("title: {slug}\nminutes: 5\nlevel: Expert\ngoal: g\norder: {order}\n");
        serde_json::json!({"slug": slug, "lab": lab})
    };
    let index = serde_json::json!([entry("02-after", 20), entry("4.1-before", 10)]).to_string();
    let labs = LabSummary::parse_index(&index).expect("the index is good");
    assert_eq!(labs.iter().map(|lab| lab.slug.as_str()).collect::<Vec<_>>(), ["4.1-before", "02-after"]);
}
