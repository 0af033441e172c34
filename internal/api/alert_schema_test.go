package api_test

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/go-cmp/cmp"

	"github.com/netlyra/netlyra/internal/models"
	"github.com/netlyra/netlyra/internal/models/vocabulary"
)

// The description has exactly the members of the Go types. kin-openapi accepts members that
// a schema does not list, so validating responses does not find them.
func TestSchemasHaveTheMembersOfTheTypes(t *testing.T) {
	f := newFixture(t, nil)
	for schema, v := range map[string]any{
		"Alert": models.AlertView{}, "Reason": models.Reason{}, "Counterfactual": models.Counterfactual{}, "Evidence": models.Evidence{}, "EvidencePoint": models.EvidencePoint{},
		"Recurrence": models.Recurrence{}, "ModelRef": models.ModelRef{}, "Connection": models.Connection{},
		"TriageEntry": models.TriageEntry{}, "PartitionStatus": models.PartitionStatus{}, "StageCounts": models.StageCounts{}, "Stats": models.Stats{},
		"Ledger": models.Ledger{}, "LedgerCheck": models.LedgerCheck{}, "LedgerTerm": models.LedgerTerm{}, "LedgerLane": models.LedgerLane{},
	} {
		ref := f.doc.Components.Schemas[schema]
		if ref == nil {
			t.Errorf("no schema %s", schema)
			continue
		}
		var got []string
		for name := range ref.Value.Properties {
			got = append(got, name)
		}
		members, required := membersOf(reflect.TypeOf(v))
		slices.Sort(got)
		if d := cmp.Diff(members, got); d != "" {
			t.Errorf("%s (-type +schema)\n%s", schema, d)
		}
		listed := slices.Sorted(slices.Values(ref.Value.Required))
		if d := cmp.Diff(required, listed); d != "" {
			t.Errorf("%s, required (-type +schema)\n%s", schema, d)
		}
	}
	changes := f.doc.Components.Schemas["Counterfactual"].Value.Properties["changes"].Value.Items.Value
	if members, required := membersOf(reflect.TypeOf(models.Change{})); !slices.Equal(members, sortedKeys(changes.Properties)) || !slices.Equal(required, slices.Sorted(slices.Values(changes.Required))) {
		t.Errorf("changes: %v, required %v; want %v, %v", sortedKeys(changes.Properties), changes.Required, members, required)
	}
}

func sortedKeys(s openapi3.Schemas) (names []string) {
	for name := range s {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// membersOf returns the JSON members of a struct, and those that are always present, both
// sorted.
func membersOf(typ reflect.Type) (members, required []string) {
	for i := range typ.NumField() {
		field := typ.Field(i)
		name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		if field.Anonymous && name == "" {
			m, r := membersOf(field.Type)
			members, required = append(members, m...), append(required, r...)
			continue
		}
		if name == "-" || name == "" {
			continue
		}
		members = append(members, name)
		if !strings.Contains(options, "omitempty") && !strings.Contains(options, "omitzero") {
			required = append(required, name)
		}
	}
	slices.Sort(members)
	slices.Sort(required)
	return members, required
}

// The counterfactual, evidence, recurrence and display texts are part of the response, and
// absent where the alert has none.
func TestOptionalMembersInResponses(t *testing.T) {
	f := newFixture(t, nil)
	want := seedAlerts()[0]
	var detail models.AlertDetail
	if err := json.Unmarshal(f.ask("GET", "/api/v1/alerts/"+want.ID, "", false).body, &detail); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want.Counterfactual, detail.Counterfactual); d != "" {
		t.Errorf("counterfactual (-stored +response)\n%s", d)
	}
	if d := cmp.Diff(want.Reasons, detail.Reasons); d != "" {
		t.Errorf("reasons (-stored +response)\n%s", d)
	}
	if d := cmp.Diff(want.Evidence, detail.Evidence); d != "" {
		t.Errorf("evidence (-stored +response)\n%s", d)
	}
	if d := cmp.Diff(want.Recurrence, detail.Recurrence); d != "" {
		t.Errorf("recurrence (-stored +response)\n%s", d)
	}
	if detail.NextSteps == "" || detail.NextSteps != vocabulary.NextSteps(want.Kind) {
		t.Errorf("next steps %q", detail.NextSteps)
	}
	without := f.ask("GET", "/api/v1/alerts/b1", "", false).json(t)
	for _, name := range []string{"counterfactual", "evidence", "recurrence"} {
		if v, ok := without[name]; ok {
			t.Errorf("%s of an alert without one: %v", name, v)
		}
	}
	reasons := f.ask("GET", "/api/v1/alerts/"+want.ID, "", false).json(t)["reasons"].([]any)
	if _, ok := reasons[1].(map[string]any)["text"]; ok {
		t.Errorf("text of a reason without one: %v", reasons[1])
	}
}

// The description rejects values of the wrong form, so that the contract tests can fail.
func TestAlertSchemaRejectsMalformedMembers(t *testing.T) {
	f := newFixture(t, nil)
	schema := f.doc.Components.Schemas["Alert"].Value
	valid := func() map[string]any {
		return f.raw("GET", "/api/v1/alerts/"+seedAlerts()[0].ID, "").json(t)
	}
	if err := schema.VisitJSON(valid()); err != nil {
		t.Fatal(err)
	}
	for name, edit := range map[string]func(map[string]any){
		"counterfactual is a string":   func(a map[string]any) { a["counterfactual"] = "x" },
		"counterfactual without score": func(a map[string]any) { delete(a["counterfactual"].(map[string]any), "score") },
		"changes are empty":            func(a map[string]any) { a["counterfactual"].(map[string]any)["changes"] = []any{} },
		"change without limit": func(a map[string]any) {
			a["counterfactual"].(map[string]any)["changes"] = []any{map[string]any{"feature": "x", "value": 1.0}}
		},
		"text of the counterfactual is a number": func(a map[string]any) { a["counterfactual"].(map[string]any)["text"] = 1.0 },
		"text of a reason is null":               func(a map[string]any) { a["reasons"].([]any)[0].(map[string]any)["text"] = nil },
		"share above 1":                          func(a map[string]any) { a["reasons"].([]any)[0].(map[string]any)["share"] = 1.5 },
		"evidence without limit":                 func(a map[string]any) { delete(a["evidence"].(map[string]any), "limit") },
		"series is null":                         func(a map[string]any) { a["evidence"].(map[string]any)["series"] = nil },
		"count is a text":                        func(a map[string]any) { a["recurrence"].(map[string]any)["count"] = "4" },
		"recurrence without time":                func(a map[string]any) { delete(a["recurrence"].(map[string]any), "first") },
		"model without lane":                     func(a map[string]any) { delete(a["model"].(map[string]any), "lane") },
	} {
		a := valid()
		edit(a)
		if err := schema.VisitJSON(a); err == nil {
			t.Errorf("%s: the schema accepts it", name)
		}
	}
}
