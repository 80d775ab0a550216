//! Products on cards.

use super::Cover;
use domain::pages::storefront::ProductCard;
use domain::word::Word;
use leptos::prelude::*;
use leptos::svg;

/// The first two rows of a list.
const N_NEAR: usize = 8;

/// A plane in the color and the shape of a cover that is not there yet: it lies behind the picture. The color is an attribute of
/// SVG's, as a page has no styles of its own.
fn plane(card: &ProductCard) -> Option<impl IntoView + use<>> {
    let color = card.cover.as_ref()?.color.clone()?;
    Some(svg::svg().class(format!("plane cover-{}", card.kind.as_str())).attr("color", color))
}

/// Covers on a shared baseline, a heading each. `heading_level` continues the page's outline.
#[component]
pub fn ProductCards(cards: Vec<ProductCard>, heading_level: u8) -> impl IntoView {
    view! {
        <ul class="cards">
            {cards.into_iter().enumerate().map(|(i, card)| {
                // On a list the first rows are seen at once; shelves stand further down.
                let is_near = heading_level == 2 && i < N_NEAR;
                let (price, kind) = (card.price_line(), card.kind_line());
                let link = view! { <a href=format!("/products/{}", card.slug)>{card.title.clone()}</a> };
                let title = if heading_level == 2 { view! { <h2>{link}</h2> }.into_any() } else { view! { <h3>{link}</h3> }.into_any() };
                view! {
                    <li class="card">
                        <div class="card-cover">
                            {plane(&card)}<Cover picture=card.cover kind=card.kind title=card.title is_decoration=true is_near/>
                        </div>
                        <div>
                            {title}
                            <p>{kind}</p>
                            <p class="price">{price}</p>
                        </div>
                    </li>
                }
            }).collect_view()}
        </ul>
    }
}
