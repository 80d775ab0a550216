//! Products on cards.

use super::Cover;
use domain::catalog::ProductCard;
use leptos::prelude::*;

/// A grid of covers on a shared baseline.
#[component]
pub fn ProductCards(cards: Vec<ProductCard>) -> impl IntoView {
    view! {
        <ul class="cards">
            {cards.into_iter().map(|card| view! {
                <li class="card">
                    <div class="card-cover"><Cover picture=card.cover.clone() kind=card.kind title=card.title.clone() is_decoration=true/></div>
                    <div>
                        <h3><a href=format!("/products/{}", card.slug)>{card.title.clone()}</a></h3>
                        <p>{card.category.clone()}</p>
                        <p class="price">{price_line(&card)}</p>
                    </div>
                </li>
            }).collect_view()}
        </ul>
    }
}

/// The price as a card says it: "from $2.99", "Free".
pub fn price_line(card: &ProductCard) -> String {
    match (card.price_from.is_zero(), card.has_price_range) {
        (true, false) => "Free".to_owned(),
        (true, true) => "Free, or more".to_owned(),
        (false, true) => format!("from {}", card.price_from),
        (false, false) => card.price_from.to_string(),
    }
}
