//! Products on cards.

use super::Cover;
use domain::pages::storefront::ProductCard;
use leptos::prelude::*;

/// The first two rows of a list.
const N_NEAR: usize = 8;

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
                        <div class="card-cover"><Cover picture=card.cover kind=card.kind title=card.title is_decoration=true is_near/></div>
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
