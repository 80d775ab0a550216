//! Products on cards.

use super::Cover;
use domain::pages::storefront::ProductCard;
use leptos::prelude::*;

/// Covers on a shared baseline, a heading each. `heading_level` continues the page's outline.
#[component]
pub fn ProductCards(cards: Vec<ProductCard>, heading_level: u8) -> impl IntoView {
    view! {
        <ul class="cards">
            {cards.into_iter().map(|card| {
                let price = card.price_line();
                let link = view! { <a href=format!("/products/{}", card.slug)>{card.title.clone()}</a> };
                let title = if heading_level == 2 { view! { <h2>{link}</h2> }.into_any() } else { view! { <h3>{link}</h3> }.into_any() };
                view! {
                    <li class="card">
                        <div class="card-cover"><Cover picture=card.cover kind=card.kind title=card.title is_decoration=true/></div>
                        <div>
                            {title}
                            <p>{card.category}</p>
                            <p class="price">{price}</p>
                        </div>
                    </li>
                }
            }).collect_view()}
        </ul>
    }
}
