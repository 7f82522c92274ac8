//! Time: when packets travel, stay, change and end; and that any moment can be asked for in any order.

mod fixture;

use hoplab_core::trace::{Exchange, Trace};
use hoplab_core::world::Snapshot;
use hoplab_diagram::{Frame, Motion, Options, Participants, Playback, Point, Scene, StopKind, Verdict, layout, rows};

fn scene(snapshot: &Snapshot, exchange: &Exchange) -> Scene {
    layout(snapshot, &Options { participants: Participants::of(exchange), ..Options::default() })
}

fn play(snapshot: &Snapshot, exchange: &Exchange) -> Playback {
    Playback::new(&scene(snapshot, exchange), exchange)
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() < 1e-6
}

#[test]
fn the_first_leg_of_the_dns_exchange_keeps_the_timetable() {
    // ux: travel 0.4 px/ms clamped to 350–900 ms; pass 150, encapsulation and verdict 450, rewrite 900.
    let exchange = fixture::dns_delivered();
    let playback = play(&fixture::flannel(), &exchange);
    let pass = (StopKind::Pass, 150.0);
    let envelope = (StopKind::Encapsulation, 450.0);
    let expected = [
        pass,
        pass,
        pass,
        (StopKind::Rewrite, 900.0),
        envelope,
        pass,
        pass,
        pass,
        envelope,
        pass,
        pass,
        pass,
        (StopKind::End(Verdict::Delivered), 450.0),
    ];
    let stops: Vec<_> = playback.stops().iter().filter(|stop| stop.leg == 0).collect();
    assert_eq!(stops.iter().map(|stop| stop.kind).collect::<Vec<_>>(), expected.map(|(kind, _)| kind));
    for (stop, (_, dwell)) in stops.iter().zip(expected) {
        assert!(close(stop.departure - stop.arrival, dwell), "hop {} stays {}", stop.number, stop.departure - stop.arrival);
    }
    for pair in stops.windows(2) {
        let travel = pair[1].arrival - pair[0].departure;
        assert!((350.0 - 1e-6..=900.0 + 1e-6).contains(&travel), "hop {} travels {travel} ms", pair[1].number);
    }
}

#[test]
fn a_long_leg_is_rescaled_to_twelve_seconds() {
    let mut exchange = fixture::dns_dropped();
    let hop = exchange.legs[0].trace.hops[0].clone();
    exchange.legs[0].trace = Trace { hops: vec![hop; 200] };
    let playback = play(&fixture::isolated(), &exchange);
    assert!(close(playback.duration(), 12_000.0), "{}", playback.duration());
}

#[test]
fn a_frame_depends_on_the_time_alone() {
    let playback = play(&fixture::flannel(), &fixture::dns_delivered());
    let times: Vec<f64> = (0..=400).map(|step| playback.duration() * f64::from(step) / 400.0).collect();
    let forward: Vec<Frame> = times.iter().map(|time| playback.frame(*time)).collect();
    let mut backward: Vec<Frame> = times.iter().rev().map(|time| playback.frame(*time)).collect();
    backward.reverse();
    assert_eq!(forward, backward);
}

#[test]
fn times_outside_are_clamped_and_nonsense_shows_the_end() {
    let playback = play(&fixture::flannel(), &fixture::dns_delivered());
    let end = playback.frame(playback.duration());
    assert_eq!(playback.frame(-5.0), playback.frame(0.0));
    assert_eq!(playback.frame(1e12), end);
    assert_eq!(playback.frame(f64::NAN), end);
}

#[test]
fn packets_move_without_jumps_within_a_leg() {
    // At 0.4 px/ms and at least 350 ms a link, nothing in this scene moves more than 3 px in one millisecond.
    let playback = play(&fixture::flannel(), &fixture::dns_delivered());
    let at = |time: f64| playback.frame(time).tokens.first().map(|token| token.at);
    let mut time = 0.0;
    while time + 1.0 < playback.duration() {
        let (here, next) = (playback.frame(time), playback.frame(time + 1.0));
        if here.leg == next.leg
            && let (Some(a), Some(b)) = (at(time), at(time + 1.0))
        {
            assert!((a.x - b.x).abs() + (a.y - b.y).abs() < 3.0, "jump at {time} ms");
        }
        time += 7.0;
    }
}

#[test]
fn stepping_forward_and_back_visits_the_same_stops() {
    let playback = play(&fixture::flannel(), &fixture::dns_delivered());
    let mut forward = vec![0.0];
    while let Some(stop) = playback.next_stop(*forward.last().unwrap_or(&0.0)) {
        forward.push(stop.time);
    }
    let mut backward: Vec<f64> = vec![*forward.last().unwrap_or(&0.0)];
    while let Some(stop) = playback.previous_stop(*backward.last().unwrap_or(&0.0)) {
        backward.push(stop.time);
    }
    backward.reverse();
    assert_eq!(forward, backward);
    assert_eq!(forward.len(), playback.stops().len());
}

#[test]
fn event_steps_stop_only_at_rewrites_and_ends() {
    let playback = play(&fixture::flannel(), &fixture::dns_delivered());
    let mut kinds = Vec::new();
    let mut time = 0.0;
    while let Some(stop) = playback.next_event(time) {
        kinds.push(stop.kind);
        time = stop.time;
    }
    let delivered = StopKind::End(Verdict::Delivered);
    assert_eq!(kinds, [StopKind::Rewrite, delivered, StopKind::Rewrite, delivered]);
    assert_eq!(playback.previous_event(time).map(|stop| stop.kind), Some(StopKind::Rewrite));
}

#[test]
fn a_rewrite_shows_the_old_value_first_then_both() {
    let playback = play(&fixture::flannel(), &fixture::dns_delivered());
    let stop = playback.next_event(0.0).expect("the query is rewritten");
    let card = |time: f64| playback.frame(time).rewrite.expect("the card is on display while the packet stays");
    assert_eq!(card(stop.arrival + 199.0).progress, 0.0);
    assert!(close(card(stop.arrival + 325.0).progress, 0.5));
    assert_eq!(card(stop.time).progress, 1.0);
    let line = card(stop.time).lines.into_iter().next().map(|line| (line.old, line.new));
    assert_eq!(line, Some(("dst 10.96.0.10:53".to_owned(), "dst 10.244.1.3:53".to_owned())));
    let at = scene(&fixture::flannel(), &fixture::dns_delivered()).element("rules/node-1").map(|rules| rules.anchor);
    assert_eq!(Some(card(stop.time).at), at, "the rewrite happens at the node's service rules");
    assert_eq!(playback.frame(stop.departure + 1.0).rewrite, None);
}

#[test]
fn the_tunnel_puts_an_envelope_around_the_packet_and_takes_it_off() {
    let playback = play(&fixture::flannel(), &fixture::dns_delivered());
    let outer = |hop: usize| {
        let stop = playback.stop_of(0, hop).expect("the hop has a stop");
        playback.frame(stop.time).tokens.into_iter().next().and_then(|token| token.outer)
    };
    let vxlan = Some("VXLAN".to_owned());
    assert_eq!([outer(3), outer(4), outer(6), outer(7), outer(8)], [None, vxlan.clone(), vxlan.clone(), vxlan, None]);
}

#[test]
fn a_drop_ends_at_the_gate_with_its_cause() {
    let exchange = fixture::dns_dropped();
    let scene = scene(&fixture::isolated(), &exchange);
    let playback = Playback::new(&scene, &exchange);
    let frame = playback.frame(playback.duration());
    let mark = frame.verdict.expect("the leg has ended");
    let gate = scene.element("gate/egress/lab-networking/frontend").map(|gate| gate.frame.centre());
    assert_eq!((Some(mark.at), mark.verdict, mark.text.as_str()), (gate, Verdict::Dropped, "dropped: egress policy"));
    assert!(frame.path.iter().all(|part| part.verdict == Some(Verdict::Dropped)));
    assert_eq!(frame.from.as_deref(), Some("pod/lab-networking/frontend"));
    assert_eq!(frame.to.as_deref(), Some("service/kube-system/kube-dns"));
    assert_eq!(playback.frame(100.0).verdict, None, "the end is not told before it is reached");
}

#[test]
fn a_drop_that_the_node_decided_is_drawn_before_the_receivers_gate() {
    let exchange = fixture::from_outside_dropped();
    let scene = scene(&fixture::isolated(), &exchange);
    let frame = Playback::new(&scene, &exchange).frame(1e9);
    let gate = scene.element("gate/ingress/lab-networking/backend").map(|gate| gate.frame.centre());
    assert_eq!(frame.verdict.map(|mark| mark.at), gate);
    let veth = scene.element("device/node-2/veth-backend").map(|veth| veth.anchor);
    assert_eq!(frame.tokens.first().map(|token| token.at), veth);
}

#[test]
fn a_rejection_points_back_along_the_way_it_came() {
    let exchange = fixture::rejected();
    let frame = play(&fixture::flannel(), &exchange).frame(1e9);
    let mark = frame.verdict.expect("the leg has ended");
    assert_eq!((mark.verdict, mark.text.as_str()), (Verdict::Rejected, "rejected: nothing listens"));
    assert_eq!(mark.way_back.first(), frame.tokens.first().map(|token| &token.at));
    assert!(mark.way_back.len() > 1);
}

#[test]
fn reduced_motion_jumps_from_hop_to_hop_and_leaves_numbers() {
    let exchange = fixture::dns_delivered();
    let scene = scene(&fixture::flannel(), &exchange);
    let playback = Playback::with_motion(&scene, &exchange, Motion::Reduced);
    let settled: Vec<Point> =
        playback.stops().iter().flat_map(|stop| playback.frame(stop.time).tokens).map(|token| token.at).collect();
    for step in 0..1_000 {
        let frame = playback.frame(playback.duration() * f64::from(step) / 1_000.0);
        assert!(frame.tokens.iter().all(|token| settled.contains(&token.at)), "a packet is between two hops");
    }
    let numbers: Vec<usize> = playback.frame(playback.stops()[5].time).crumbs.iter().map(|crumb| crumb.number).collect();
    assert_eq!(numbers, [1, 2, 3, 4, 5, 6]);
}

#[test]
fn replies_are_hollow_and_go_back_to_who_asked() {
    let playback = play(&fixture::flannel(), &fixture::dns_delivered());
    let frame = playback.frame(playback.duration());
    assert!(frame.tokens.iter().all(|token| token.reply));
    assert_eq!(frame.to.as_deref(), Some("pod/lab-networking/frontend"));
}

#[test]
fn captions_and_table_rows_are_the_same_sentences() {
    for exchange in [fixture::dns_delivered(), fixture::dns_dropped(), fixture::rejected(), fixture::from_outside_dropped()] {
        let playback = play(&fixture::flannel(), &exchange);
        let captions: Vec<&str> = playback.stops().iter().map(|stop| stop.caption.as_str()).collect();
        let rows = rows(&exchange);
        assert_eq!(captions, rows.iter().map(|row| row.caption.as_str()).collect::<Vec<_>>());
        assert!(rows.iter().all(|row| row.caption.split_whitespace().count() <= 18));
    }
}

#[test]
fn the_table_says_what_the_picture_shows() {
    let rows = rows(&fixture::dns_delivered());
    let rewrite = &rows[3];
    assert_eq!((rewrite.number, rewrite.place.as_str(), rewrite.device.as_str()), (4, "node-1", "cni0 → flannel.1"));
    assert_eq!(rewrite.happened, "rewritten");
    assert_eq!(rewrite.packet, "10.244.0.15:41522 → 10.244.1.3:53 UDP");
    assert_eq!(rewrite.rewrites, [("dst 10.96.0.10:53".to_owned(), "dst 10.244.1.3:53".to_owned())]);
    assert_eq!(rows[4].packet, "VXLAN 1 192.168.1.10 → 192.168.1.11 [10.244.0.15:41522 → 10.244.1.3:53 UDP]");
    assert_eq!(rows[12].verdict, Some(Verdict::Delivered));
    assert!(rows.iter().filter(|row| row.verdict.is_some()).count() == 2);
}

#[test]
fn an_exchange_without_packets_is_an_empty_playback() {
    let mut exchange = fixture::dns_dropped();
    exchange.legs.clear();
    let playback = play(&fixture::isolated(), &exchange);
    assert_eq!((playback.duration(), playback.stops().len()), (0.0, 0));
    assert_eq!(playback.frame(10.0).tokens, []);
    assert_eq!(rows(&exchange), []);
}

#[test]
fn an_address_that_went_to_a_pod_elsewhere_does_not_draw_an_old_drop_there() {
    let mut snapshot = fixture::isolated();
    let backend = snapshot.nodes[1].pods.iter().position(|pod| pod.reference.name == "backend");
    let moved = snapshot.nodes[1].pods.remove(backend.expect("backend is on node-2"));
    snapshot.nodes[0].pods.push(hoplab_core::world::PodView { slot: 5, ..moved });
    let exchange = fixture::from_outside_dropped();
    let scene = scene(&snapshot, &exchange);
    let frame = Playback::new(&scene, &exchange).frame(1e9);
    let routes = scene.element("routes/node-2").map(|routes| routes.anchor);
    assert_eq!(frame.tokens.first().map(|token| token.at), routes);
}
