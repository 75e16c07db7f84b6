//! A plan as a chart, in Mermaid or SVG.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::diagnostics::printable;
use crate::plan::{Base, Plan, Stage, StageName, Step};

/// The position of a stage, which is its id in the chart.
fn number(plan: &Plan, name: &StageName) -> usize {
    let position = plan.stages.iter().position(|stage| stage.name == *name);
    position.unwrap_or_default()
}

/// The stages that a stage copies from or mounts.
fn used(stage: &Stage) -> Vec<StageName> {
    let mut names: Vec<StageName> = stage
        .steps
        .iter()
        .flat_map(Step::inputs)
        .filter_map(|input| input.stage().cloned())
        .collect();
    names.sort();
    names.dedup();
    names
}

fn lines(stage: &Stage) -> Vec<String> {
    let name = printable(&stage.name.to_string());
    let mut lines = vec![match &stage.from {
        Base::Image(reference) => format!("{name} from {}", reference.familiar()),
        Base::ImageOn(reference, platform) => {
            format!("{name} from {} for {platform}", reference.familiar())
        }
        Base::Stage(_) => name,
    }];
    let count = stage.steps.len();
    let steps = stage.steps.iter().enumerate();
    lines.extend(steps.map(|(index, step)| format!("{}/{count} {}", index + 1, step.title)));
    lines
}

/// See <https://mermaid.js.org/syntax/flowchart.html>.
pub(crate) fn mermaid(plan: &Plan) -> String {
    let mut text = "flowchart LR\n".to_owned();
    for (index, stage) in plan.stages.iter().enumerate() {
        let lines = lines(stage);
        let lines: Vec<String> = lines.iter().map(|line| entities(line)).collect();
        let _ = writeln!(text, "    s{index}[\"{}\"]", lines.join("<br>"));
    }
    for (index, stage) in plan.stages.iter().enumerate() {
        if let Base::Stage(name) = &stage.from {
            let _ = writeln!(text, "    s{} --> s{index}", number(plan, name));
        }
        for name in used(stage) {
            let _ = writeln!(text, "    s{} -.-> s{index}", number(plan, &name));
        }
    }
    text
}

/// Text in a label, with entities for characters that mean something to Mermaid: quotes, HTML, entities themselves, and `%%`,
/// which begins a directive wherever it is.
fn entities(line: &str) -> String {
    let mut text = String::new();
    for char in line.chars() {
        match char {
            '&' => text.push_str("#amp;"),
            '"' => text.push_str("#quot;"),
            '<' => text.push_str("#lt;"),
            '>' => text.push_str("#gt;"),
            '#' | '%' | ';' | '`' | '\\' => {
                let _ = write!(text, "#{};", u32::from(char));
            }
            char => text.push(char),
        }
    }
    text
}

const LINE: usize = 18;
const GAP: usize = 50;
const CHAR: usize = 7;

/// The box of a stage.
struct StageBox {
    x: usize,
    y: usize,
    width: usize,
    height: usize,
}

/// Draws a column for each depth of the graph.
pub(crate) fn svg(plan: &Plan) -> String {
    let mut depths: Vec<usize> = Vec::new();
    for stage in &plan.stages {
        let mut below = used(stage);
        if let Base::Stage(name) = &stage.from {
            below.push(name.clone());
        }
        let deepest = below
            .iter()
            .filter_map(|name| depths.get(number(plan, name)))
            .max();
        depths.push(deepest.map_or(0, |depth| depth + 1));
    }
    let mut widths: BTreeMap<usize, usize> = BTreeMap::new();
    for (stage, depth) in plan.stages.iter().zip(&depths) {
        let longest = lines(stage).iter().map(|line| line.chars().count()).max();
        let width = widths.entry(*depth).or_default();
        *width = (*width).max(longest.unwrap_or(0) * CHAR + 24);
    }
    let mut bottoms: BTreeMap<usize, usize> = BTreeMap::new();
    let mut boxes: Vec<StageBox> = Vec::new();
    for (stage, depth) in plan.stages.iter().zip(&depths) {
        let y = bottoms.get(depth).map_or(20, |bottom| bottom + 20);
        let height = lines(stage).len() * LINE + 16;
        bottoms.insert(*depth, y + height);
        boxes.push(StageBox {
            x: 20
                + widths
                    .range(..depth)
                    .map(|(_, width)| width + GAP)
                    .sum::<usize>(),
            y,
            width: widths.get(depth).copied().unwrap_or_default(),
            height,
        });
    }
    let right = widths.values().map(|width| width + GAP).sum::<usize>();
    let bottom = bottoms.values().max().copied().unwrap_or(0) + 20;
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {right} {bottom}\" width=\"{right}\" height=\"{bottom}\" font-family=\"monospace\" font-size=\"11\">\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n"
    );
    for (index, stage) in plan.stages.iter().enumerate() {
        let from = match &stage.from {
            Base::Stage(name) => vec![(name.clone(), "")],
            Base::Image(_) | Base::ImageOn(..) => Vec::new(),
        };
        let used = used(stage)
            .into_iter()
            .map(|name| (name, " stroke-dasharray=\"4 3\""));
        for (name, dash) in from.into_iter().chain(used) {
            edge(&boxes, number(plan, &name), index, dash, &mut text);
        }
    }
    for (stage, drawn) in plan.stages.iter().zip(&boxes) {
        let fill = if stage.name == plan.result {
            "#dbeafe"
        } else {
            "#f1f5f9"
        };
        let StageBox {
            x,
            y,
            width,
            height,
        } = drawn;
        let _ = writeln!(
            text,
            "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"6\" fill=\"{fill}\" stroke=\"#64748b\"/>"
        );
        for (index, line) in lines(stage).iter().enumerate() {
            let weight = if index == 0 {
                " font-weight=\"bold\""
            } else {
                ""
            };
            let _ = writeln!(
                text,
                "<text x=\"{}\" y=\"{}\"{weight}>{}</text>",
                x + 12,
                y + 20 + index * LINE,
                escaped(line)
            );
        }
    }
    text.push_str("</svg>\n");
    text
}

fn edge(boxes: &[StageBox], from: usize, to: usize, dash: &str, text: &mut String) {
    let (Some(from), Some(to)) = (boxes.get(from), boxes.get(to)) else {
        return;
    };
    let (x1, y1) = (from.x + from.width, from.y + from.height / 2);
    let (x2, y2) = (to.x, to.y + to.height / 2);
    let middle = x1.midpoint(x2);
    let _ = writeln!(
        text,
        "<path d=\"M{x1} {y1} C{middle} {y1} {middle} {y2} {x2} {y2}\" fill=\"none\" stroke=\"#64748b\"{dash}/>"
    );
}

fn escaped(line: &str) -> String {
    line.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
