package models

// Counterfactual says what would have kept an alert from being: with these changes,
// and all else as it was, its packet scores below the threshold. It was scored with
// the model as it stood.
type Counterfactual struct {
	Changes []Change `json:"changes"`
	Score   float64  `json:"score"`          // of the packet so changed, 0…1
	Text    string   `json:"text,omitempty"` // the same as a sentence for people, without its full stop
}

// Change is one feature's part in a Counterfactual.
type Change struct {
	Feature string  `json:"feature"`
	Value   float64 `json:"value"` // as it was, in the unit of the feature
	Limit   float64 `json:"limit"` // up to which (or down to which) there is no alert
}
