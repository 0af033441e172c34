package models

// Counterfactual is the smallest change that would have prevented an alert: with the limit in
// place of the value, the behavior is below the threshold of the same model.
type Counterfactual struct {
	Changes []Change `json:"changes"`
	Score   float64  `json:"score"`          // of the behavior with the change, 0…1
	Text    string   `json:"text,omitempty"` // the same as a sentence for people, without its full stop
}

// Change is the change of one feature in a Counterfactual.
type Change struct {
	Feature string  `json:"feature"`
	Value   float64 `json:"value"` // observed, in the unit of the feature
	Limit   float64 `json:"limit"` // nearest value that raises no alert
}
