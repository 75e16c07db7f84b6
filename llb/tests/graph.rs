//! The structure of whole graphs: order, sharing, inherited platforms, locations and metadata.
#![allow(clippy::unwrap_used, reason = "a failed helper fails the test")]

mod support;

use std::sync::Arc;

use buildkit_llb::{
    CacheSharing, Copy, Definition, Diff, Exec, FileAction, FileOp, ImageSource, LocalSource,
    Location, Merge, Mkdir, Mkfile, Mount, Output, Position, Range, Remove, SourceFile,
};
use buildkit_proto::pb;
use support::{actions, alpine, busybox, digest, exec, linux, metadata, op, ops};

fn step(name: &str) -> Exec {
    Exec::new(name).root(alpine())
}

fn targets(exec: &pb::ExecOp) -> Vec<&str> {
    exec.mounts.iter().map(|mount| &*mount.dest).collect()
}

/// Asserts the order of the ops: each before the ops that use it, none twice, the result last.
#[track_caller]
fn assert_order(head: &Output, expected: &[&Output]) {
    let ops = ops(head);
    let (last, body) = ops.split_last().unwrap();
    let digests: Vec<_> = body.iter().map(|(digest, _)| digest.as_str()).collect();
    let expected: Vec<_> = expected.iter().map(|output| output.digest()).collect();
    assert_eq!(digests, expected);
    assert_eq!(last.1.op, None);
    assert_eq!(last.1.constraints, None);
    assert_eq!(last.1.inputs.len(), 1);
    assert_eq!(last.1.inputs[0].digest, head.digest());
}

#[test]
fn digests_are_computed_from_the_encoded_bytes() {
    let head = step("a").run().root();
    let definition = Definition::new(&head);
    let pb = definition.to_pb();
    assert_eq!(digest(&pb.def[1]), head.digest());
    assert_eq!(definition.head_digest(), head.digest());
    assert_eq!(
        pb.metadata.keys().collect::<Vec<_>>().len(),
        pb.def.len(),
        "every entry has metadata"
    );
    for bytes in &pb.def {
        assert!(pb.metadata.contains_key(&digest(bytes)));
    }
    assert_eq!(definition.clone().into_pb(), pb);
}

#[test]
fn equal_ops_are_one_entry() {
    let left = step("same").run().root();
    let right = step("same").run().root();
    assert_eq!(left, right);
    let top = step("top")
        .mount(Mount::bind(left.clone(), "/l"))
        .mount(Mount::bind(right, "/r"))
        .run();
    assert_order(&top.root(), &[&alpine(), &left, &top.root()]);
    let exec = exec(&top.root());
    assert_eq!(targets(&exec), ["/", "/l", "/r"]);
    assert_eq!(
        exec.mounts.iter().map(|m| m.input).collect::<Vec<_>>(),
        [0, 1, 1],
        "both use the same input"
    );
}

#[test]
fn outputs_of_one_op_are_different_inputs() {
    let outputs = step("make").mount(Mount::bind(None, "/out")).run();
    let out = outputs.mount("/out").unwrap();
    assert_eq!(out.digest(), outputs.root().digest());
    assert_ne!(out, outputs.root());
    let top = Exec::new("use")
        .root(outputs.root())
        .mount(Mount::bind(out.clone(), "/x"))
        .run()
        .root();
    let inputs = op(&top).inputs;
    assert_eq!(
        inputs.iter().map(|input| input.index).collect::<Vec<_>>(),
        [0, 1]
    );
    let last = ops(&out).pop().unwrap().1;
    assert_eq!(last.inputs[0].index, 1, "the definition names the output");
}

#[test]
fn parents_come_first_in_the_order_of_mounts() {
    let late = step("late").run().root();
    let early = step("early").run().root();
    let top = step("top")
        .mount(Mount::bind(late.clone(), "/z"))
        .mount(Mount::bind(early.clone(), "/a"))
        .run()
        .root();
    assert_order(&top, &[&alpine(), &early, &late, &top]);
}

#[test]
fn file_ops_visit_the_sources_of_later_actions_first() {
    let one = step("one").run().root();
    let two = step("two").run().root();
    let file = FileOp::on(busybox())
        .copy(Copy::new(one.clone(), "/", "/1"))
        .copy(Copy::new(two.clone(), "/", "/2"))
        .output();
    assert_order(&file, &[&busybox(), &alpine(), &two, &one, &file]);
    let inputs: Vec<_> = op(&file).inputs.into_iter().map(|i| i.digest).collect();
    assert_eq!(inputs, [busybox().digest(), one.digest(), two.digest()]);
}

#[test]
fn mounts_are_sorted_by_target_and_their_outputs_numbered_in_that_order() {
    let outputs = step("x")
        .mount(Mount::bind(None, "/b"))
        .mount(Mount::cache("/aa", "id", CacheSharing::Shared))
        .mount(Mount::secret("/0", "secret"))
        .mount(Mount::bind(None, "/a"))
        .mount(Mount::bind(busybox(), "/a/b").read_only())
        .mount(Mount::bind(None, "/a-b"))
        .run();
    let exec = exec(&outputs.root());
    assert_eq!(
        targets(&exec),
        ["/", "/a", "/a-b", "/a/b", "/aa", "/b", "/0"]
    );
    assert_eq!(
        exec.mounts.iter().map(|m| m.output).collect::<Vec<_>>(),
        [0, 1, 2, -1, -1, 3, 0]
    );
    let index = |target| {
        let output = outputs.mount(target)?;
        Some(ops(&output).pop()?.1.inputs[0].index)
    };
    assert_eq!(index("/"), Some(0));
    assert_eq!(index("/a"), Some(1));
    assert_eq!(index("/a-b"), Some(2));
    assert_eq!(index("/b"), Some(3));
    assert_eq!(
        outputs.mount("/a/b"),
        Some(busybox()),
        "read-only mounts keep their input"
    );
    for none in ["/aa", "/0", "/missing"] {
        assert_eq!(outputs.mount(none), None, "{none}");
    }
}

#[test]
fn later_mounts_replace_earlier_ones_except_the_root() {
    let outputs = step("x")
        .mount(Mount::tmpfs("/t"))
        .mount(Mount::bind(None, "/t"))
        .mount(Mount::bind(busybox(), "/"))
        .run();
    let exec = exec(&outputs.root());
    assert_eq!(targets(&exec), ["/", "/t"]);
    assert_eq!(exec.mounts[1].mount_type(), pb::MountType::Bind);
    assert_eq!(op(&outputs.root()).inputs[0].digest, alpine().digest());
}

#[test]
fn a_read_only_root_is_returned_unchanged() {
    let outputs = Exec::new("check").root_read_only(alpine()).run();
    assert_eq!(outputs.root(), alpine());
    assert_eq!(outputs.mount("/"), Some(alpine()));
}

#[test]
fn outputs_of_actions_are_numbered_after_the_inputs() {
    let three = |base: Option<Output>| {
        FileOp::on(base)
            .mkdir(Mkdir::new("/a", 0o755))
            .mkfile(Mkfile::new("/a/b", 0o644, "b"))
            .remove("/a/b")
            .output()
    };
    let rows = |head: &Output| -> Vec<_> {
        (actions(head).iter())
            .map(|action| (action.input, action.secondary_input, action.output))
            .collect()
    };
    assert_eq!(rows(&three(None)), [(-1, -1, -1), (0, -1, -1), (1, -1, 0)]);
    assert_eq!(
        rows(&three(Some(alpine()))),
        [(0, -1, -1), (1, -1, -1), (2, -1, 0)]
    );
    let copies = FileOp::on(None)
        .copy(Copy::new(alpine(), "/", "/a"))
        .copy(Copy::new(busybox(), "/", "/b"))
        .copy(Copy::new(alpine(), "/", "/c"))
        .output();
    assert_eq!(rows(&copies), [(-1, 0, -1), (2, 1, -1), (3, 0, 0)]);
}

#[test]
fn actions_from_a_list_make_the_same_op() {
    let chained = FileOp::on(alpine())
        .mkdir(Mkdir::new("/a", 0o755))
        .remove(Remove::new("/b"))
        .output();
    let list: [FileAction; 2] = [Mkdir::new("/a", 0o755).into(), Remove::new("/b").into()];
    let listed = FileOp::on(alpine()).actions(list).unwrap().output();
    assert_eq!(listed, chained);
    assert!(FileOp::on(alpine()).actions([]).is_none());
}

#[test]
fn ops_without_a_platform_inherit_it() {
    let arm = linux("arm64", "");
    let image = ImageSource::new("docker.io/library/alpine:3")
        .platform(arm.clone())
        .output();
    let file = FileOp::on(image.clone())
        .mkdir(Mkdir::new("/a", 0o755))
        .output();
    let merge = Merge::new(file.clone(), [busybox()]).output();
    let diff = Diff::new(merge.clone(), busybox()).output();
    for output in [&file, &merge, &diff] {
        assert_eq!(output.platform(), Some(&arm));
        assert_eq!(op(output).platform, None);
        assert_eq!(
            op(output).constraints,
            Some(pb::WorkerConstraints::default())
        );
    }
    let run = Exec::new("x").root(diff).run().root();
    assert_eq!(op(&run).platform, Some(arm));
    let other = linux("riscv64", "");
    let run = Exec::new("x")
        .root(file)
        .platform(other.clone())
        .run()
        .root();
    assert_eq!(op(&run).platform, Some(other));
    let local = LocalSource::new("context").output();
    assert_eq!(op(&local).platform, None);
    assert_eq!(op(&Exec::new("x").root(local).run().root()).platform, None);
}

#[test]
fn a_merge_of_one_input_is_that_input() {
    assert_eq!(Merge::new(alpine(), []).named("x").output(), alpine());
}

#[test]
fn equal_ops_share_their_metadata() {
    let first = step("x")
        .named("first")
        .progress_group("g", "group", true)
        .run();
    let second = step("x").named("second").ignore_cache(true).run();
    let top = step("top")
        .mount(Mount::bind(first.root(), "/1"))
        .mount(Mount::bind(second.root(), "/2"))
        .run()
        .root();
    let pb = Definition::new(&top).to_pb();
    let shared = &pb.metadata[first.root().digest()];
    assert!(shared.ignore_cache);
    assert_eq!(shared.description["llb.customname"], "second");
    let group = shared.progress_group.as_ref().unwrap();
    assert_eq!((&*group.id, &*group.name, group.weak), ("g", "group", true));
}

#[test]
fn the_last_entry_requires_the_caps_of_all_ops() {
    let last_caps = |head: &Output| {
        let pb = Definition::new(head).to_pb();
        let last = digest(pb.def.last().unwrap());
        pb.metadata[&last].caps.keys().cloned().collect::<Vec<_>>()
    };
    let plain = step("x").run().root();
    assert_eq!(last_caps(&plain), ["constraints", "platform"]);
    let below = step("x").named("x").ignore_cache(true).run().root();
    let top = Exec::new("y").root(below).run().root();
    assert_eq!(
        last_caps(&top),
        [
            "constraints",
            "meta.description",
            "meta.ignorecache",
            "platform"
        ]
    );
    assert_eq!(metadata(&top).description.len(), 0);
    let all = Definition::new(&top);
    let all: Vec<_> = all.required_caps().collect();
    assert_eq!(
        all,
        [
            "constraints",
            "exec.meta.base",
            "exec.meta.setsdefaultpath",
            "exec.mount.bind",
            "meta.description",
            "meta.ignorecache",
            "platform",
            "source.image",
        ]
    );
}

fn file(name: &str, data: &str) -> Arc<SourceFile> {
    Arc::new(SourceFile {
        filename: name.to_owned(),
        language: "TOML".to_owned(),
        data: data.into(),
        definition: None,
    })
}

#[test]
fn locations_of_equal_ops_are_merged_in_order() {
    let build = file("build.toml", "one\ntwo\n");
    let same = file("build.toml", "one\ntwo\n");
    let other = file("pyproject.toml", "[project]\n");
    let at = |file: &Arc<SourceFile>, first, last| {
        Location::new(Arc::clone(file), [Range::lines(first, last)])
    };
    let first = step("x")
        .located(at(&other, 1, 1))
        .located(at(&build, 2, 2))
        .run();
    let second = step("x")
        .located(at(&same, 2, 2))
        .located(at(&same, 1, 2))
        .run();
    let top = step("top")
        .mount(Mount::bind(first.root(), "/1"))
        .mount(Mount::bind(second.root(), "/2"))
        .run()
        .root();
    let source = Definition::new(&top).to_pb().source.unwrap();
    let names: Vec<_> = source.infos.iter().map(|info| &*info.filename).collect();
    assert_eq!(names, ["pyproject.toml", "build.toml"]);
    assert_eq!(source.infos[1].data, b"one\ntwo\n");
    assert_eq!(source.infos[1].language, "TOML");

    assert_eq!(
        source.locations.keys().collect::<Vec<_>>(),
        [first.root().digest()]
    );
    let rows: Vec<_> = (source.locations[first.root().digest()].locations.iter())
        .map(|location| {
            let range = location.ranges[0];
            let line = |position: Option<pb::Position>| position.unwrap().line;
            (location.source_index, line(range.start), line(range.end))
        })
        .collect();
    assert_eq!(rows, [(0, 1, 1), (1, 2, 2), (1, 1, 2)]);
}

#[test]
fn locations_keep_characters_and_the_definition_of_the_file() {
    let dockerfile = LocalSource::new("dockerfile").session("s").output();
    let mut build = SourceFile::clone(&file("build.toml", "x"));
    build.definition = Some(Definition::new(&dockerfile));
    let range = Range {
        start: Position {
            line: 3,
            character: 4,
        },
        end: Position {
            line: 3,
            character: u32::MAX,
        },
    };
    let head = ImageSource::new("docker.io/library/alpine:3")
        .located(Location::new(Arc::new(build.clone()), [range]))
        .output();
    let source = Definition::new(&head).to_pb().source.unwrap();
    assert_eq!(source.infos, [build.to_pb()]);
    let definition = source.infos[0].definition.clone().unwrap();
    assert_eq!(digest(&definition.def[0]), dockerfile.digest());
    assert_eq!(
        source.locations[head.digest()].locations[0].ranges,
        [pb::Range {
            start: Some(pb::Position {
                line: 3,
                character: 4
            }),
            end: Some(pb::Position {
                line: 3,
                character: i32::MAX
            }),
        }]
    );
}

#[test]
fn locations_do_not_change_digests() {
    let plain = step("x").run().root();
    let located = step("x")
        .located(Location::new(file("a", "b"), [Range::lines(1, 1)]))
        .run()
        .root();
    assert_eq!(plain, located);
}

#[test]
fn deep_and_wide_graphs_are_supported() {
    let mut head = alpine();
    for number in 0..20_000 {
        head = FileOp::on(head)
            .mkdir(Mkdir::new(format!("/{number}"), 0o755))
            .output();
    }
    assert_eq!(Definition::new(&head).to_pb().def.len(), 20_002);
    drop(head);

    // Each level uses the one below twice: 2^64 paths, 64 ops.
    let mut head = alpine();
    for number in 0..64 {
        head = Exec::new(format!("{number}"))
            .root(head.clone())
            .mount(Mount::bind(head, "/twice"))
            .run()
            .root();
    }
    assert_eq!(Definition::new(&head).to_pb().def.len(), 66);
}

#[test]
fn debug_output_is_short() {
    let head = step("x").run().root();
    let text = format!("{head:?}");
    assert_eq!(text, format!("Output({}#0)", head.digest()));
}
