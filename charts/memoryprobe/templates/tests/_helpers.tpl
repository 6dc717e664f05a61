{{- define "memoryprobe.testName" -}}
{{ include "memoryprobe.name" . }}-test
{{- end }}

{{- /* Of (list name weight component root): metadata of one object of `helm test`, in a namespace of its own. */ -}}
{{- define "memoryprobe.testMetadata" -}}
{{- $root := index . 3 -}}
name: {{ index . 0 }}
namespace: {{ include "memoryprobe.testName" $root }}
labels:
  {{- include "memoryprobe.componentLabels" (list (index . 2) $root) | nindent 2 }}
{{ include "memoryprobe.testHook" (index . 1) }}
{{- end }}

{{- /* Of a weight: what makes it one of the objects of `helm test`. */ -}}
{{- define "memoryprobe.testHook" -}}
annotations:
  helm.sh/hook: test
  helm.sh/hook-weight: {{ . | quote }}
  helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
  # Whoever sees the test fail sees why.
  helm.sh/hook-output-log-policy: hook-failed
{{- end }}

{{- /* Requests and limits of both pods of the test, of (list request limit of memory). */ -}}
{{- define "memoryprobe.testResources" -}}
requests: { cpu: 20m, memory: {{ index . 0 }}, ephemeral-storage: 16Mi }
limits: { memory: {{ index . 1 }}, ephemeral-storage: 64Mi }
{{- end }}
