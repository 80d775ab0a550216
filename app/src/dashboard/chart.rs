//! Lines and bars, drawn on the server. What they show stands in words and in a table as well.

use leptos::prelude::*;

/// The picture is this wide and high in its own units; style sheets give it its size.
const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 200.0;

/// One step of a picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    pub value: i64,
    /// The step of the period before.
    pub before: Option<i64>,
    /// What stands on hover.
    pub text: String,
}

/// How a picture shows its marks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    Line,
    Bars,
}

/// The lowest and the highest value that a picture has room for; zero is always in it.
fn bounds(marks: &[Mark]) -> (i64, i64) {
    let values = marks.iter().flat_map(|mark| [Some(mark.value), mark.before]).flatten();
    let (low, high) = values.fold((0, 0), |(low, high), value| (value.min(low), value.max(high)));
    (low, if high == low { low + 1 } else { high })
}

fn height_of(value: i64, (low, high): (i64, i64)) -> f64 {
    HEIGHT - (value - low) as f64 / (high - low) as f64 * HEIGHT
}

/// The points of a line, in the middle of their steps.
fn points(values: impl Iterator<Item = i64>, n_steps: usize, bounds: (i64, i64)) -> String {
    let step = WIDTH / n_steps.max(1) as f64;
    let points: Vec<String> =
        values.enumerate().map(|(n, value)| format!("{:.1},{:.1}", (n as f64 + 0.5) * step, height_of(value, bounds))).collect();
    points.join(" ")
}

/// A picture of the marks. `title` names it, `description` says in a sentence what there is to see.
#[component]
pub fn Chart(
    id: &'static str,
    shape: Shape,
    title: String,
    description: String,
    top: String,
    marks: Vec<Mark>,
    first: String,
    last: String,
) -> impl IntoView {
    let bounds = bounds(&marks);
    let (n, zero) = (marks.len(), height_of(0, bounds));
    let step = WIDTH / n.max(1) as f64;
    let now = points(marks.iter().map(|mark| mark.value), n, bounds);
    let before = marks.iter().all(|mark| mark.before.is_some()).then(|| points(marks.iter().filter_map(|mark| mark.before), n, bounds));
    let names = format!("{id}-title {id}-description");
    view! {
        <figure class="chart">
            <p class="chart-top" aria-hidden="true">{top}</p>
            <svg viewBox=format!("0 0 {WIDTH} {HEIGHT}") preserveAspectRatio="none" role="img" aria-labelledby=names>
                <title id=format!("{id}-title")>{title}</title>
                <desc id=format!("{id}-description")>{description}</desc>
                <line class="chart-zero" x1="0" x2=WIDTH y1=format!("{zero:.1}") y2=format!("{zero:.1}")></line>
                {match shape {
                    Shape::Line => view! {
                        {before.map(|points| view! { <polyline class="chart-before" points=points></polyline> })}
                        <polyline class="chart-now" points=now></polyline>
                    }.into_any(),
                    Shape::Bars => marks.iter().enumerate().map(|(n, mark)| {
                        let top = height_of(mark.value.max(0), bounds);
                        view! {
                            <rect
                                class="chart-bar" x=format!("{:.1}", (n as f64 + 0.15) * step) width=format!("{:.1}", step * 0.7)
                                y=format!("{top:.1}") height=format!("{:.1}", (zero - top).max(0.0))
                            >
                            </rect>
                        }
                    }).collect_view().into_any(),
                }}
                {marks.into_iter().enumerate().map(|(n, mark)| view! {
                    <rect class="chart-step" x=format!("{:.1}", n as f64 * step) width=format!("{step:.1}") y="0" height=HEIGHT>
                        <title>{mark.text}</title>
                    </rect>
                }).collect_view()}
            </svg>
            <figcaption class="chart-foot" aria-hidden="true"><span>{first}</span><span>{last}</span></figcaption>
        </figure>
    }
}

/// A bar beside a number, for the eye alone.
#[component]
pub fn Share(of: i64, most: i64) -> impl IntoView {
    let width = if most > 0 { of.clamp(0, most) as f64 / most as f64 * 100.0 } else { 0.0 };
    view! {
        <svg class="share" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
            <rect class="chart-bar" x="0" y="0" width=format!("{width:.1}") height="8"></rect>
        </svg>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(value: i64, before: Option<i64>) -> Mark {
        Mark { value, before, text: String::new() }
    }

    #[test]
    fn zero_is_always_in_the_picture() {
        assert_eq!(bounds(&[mark(5, None), mark(9, Some(12))]), (0, 12));
        assert_eq!(bounds(&[mark(-5, None)]), (-5, 0));
        assert_eq!(bounds(&[mark(0, None)]), (0, 1));
        assert_eq!(bounds(&[]), (0, 1));
    }

    #[test]
    fn a_line_runs_from_step_to_step() {
        assert_eq!(points([0, 10].into_iter(), 2, (0, 10)), "180.0,200.0 540.0,0.0");
    }
}
