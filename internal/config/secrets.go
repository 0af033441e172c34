package config

import "slices"

// SecretsIn names the settings in a file of settings that hold a secret. A file that is not
// there has none.
func SecretsIn(path string) (names []string, err error) {
	if path == "" {
		return nil, nil
	}
	values, err := readEnvFile(path, false)
	if err != nil {
		return nil, err
	}
	for _, k := range Keys() {
		if k.Secret && values[k.Name] != "" {
			names = append(names, k.Name)
		}
	}
	slices.Sort(names)
	return names, nil
}
