//! A plan as JSON.

use serde_json::{Value, json};

use crate::diagnostics::Span;
use crate::plan::{Base, Cause, NetworkUse, PackageInstaller, Plan, PlannedPackage, Stage, Step};

pub(crate) fn json(plan: &Plan) -> Value {
    let settings = &plan.settings;
    let stages: Vec<Value> = plan.stages.iter().map(stage).collect();
    let verifications: Vec<String> = plan.verifications.iter().map(ToString::to_string).collect();
    let mut object = json!({
        "result": plan.result.to_string(),
        "verifications": verifications,
        "stages": stages,
        "python": plan.python,
        "packages": plan.packages.iter().map(package).collect::<Vec<_>>(),
        "settings": {
            "user": settings.user,
            "workdir": settings.workdir,
            "path": settings.path,
            "env": settings.env,
            "entrypoint": settings.entrypoint,
            "cmd": settings.cmd,
            "expose": settings.expose.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "labels": settings.labels,
            "stopSignal": settings.stop_signal,
            "volumes": settings.volumes,
        },
    });
    if let Some(engine) = plan.build_platform.engine() {
        let emulated = plan.emulated().into_iter().map(|step| {
            json!({ "stage": step.stage.to_string(), "step": step.title, "reason": step.reason })
        });
        object["platforms"] = json!({
            "image": plan.platform.to_string(),
            "engine": engine.to_string(),
            "emulated": emulated.collect::<Vec<_>>(),
        });
    }
    if let Some(uses) = plan.network_uses() {
        object["network"] = uses.iter().map(network_use).collect();
    }
    object
}

fn network_use(one: &NetworkUse) -> Value {
    json!({ "stage": one.stage.to_string(), "title": one.title, "reason": one.reason })
}

fn package(package: &PlannedPackage) -> Value {
    let mut object = json!({ "name": package.name, "version": package.version });
    match &package.installer {
        PackageInstaller::Uv { layer } => {
            object["installer"] = json!("uv");
            object["layer"] = json!(layer);
        }
        PackageInstaller::Poetry { reason } => {
            object["installer"] = json!("poetry");
            object["reason"] = json!(reason);
        }
    }
    object
}

fn stage(stage: &Stage) -> Value {
    let from = match &stage.from {
        Base::Image(reference) => json!({ "image": reference.to_string() }),
        Base::ImageOn(reference, platform) => {
            json!({ "image": reference.to_string(), "platform": platform.to_string() })
        }
        Base::Stage(name) => json!({ "stage": name.to_string() }),
    };
    let steps: Vec<Value> = stage.steps.iter().map(step).collect();
    json!({ "name": stage.name.to_string(), "from": from, "steps": steps })
}

fn step(step: &Step) -> Value {
    let causes: Vec<Value> = step.causes().iter().map(cause).collect();
    json!({
        "title": step.title,
        "location": span(&step.span),
        "invalidatedBy": causes,
        "cacheInputs": step.action.cache_inputs(),
    })
}

fn cause(cause: &Cause) -> Value {
    match cause {
        Cause::Line(line) => json!({ "line": span(line) }),
        Cause::Stage(name) => json!({ "stage": name.to_string() }),
        Cause::Named(name) => json!({ "origin": name }),
        Cause::Files { context, include } => json!({ "context": context, "files": include }),
        Cause::Written(files) => json!({ "writtenFiles": files }),
    }
}

fn span(span: &Span) -> Value {
    json!({ "file": span.document().name(), "line": span.start().line })
}
