{{- define "memoryprobe.selector" -}}
app.kubernetes.io/name: memoryprobe
app.kubernetes.io/component: operator
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "memoryprobe.labels" -}}
{{ include "memoryprobe.componentLabels" (list "operator" .) }}
{{- end }}

{{- /* Of (list component root): labels of everything that is not a part of the operator itself. */ -}}
{{- define "memoryprobe.componentLabels" -}}
{{- $component := index . 0 }}{{ $root := index . 1 -}}
app.kubernetes.io/name: memoryprobe
app.kubernetes.io/component: {{ $component }}
app.kubernetes.io/instance: {{ $root.Release.Name }}
app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
helm.sh/chart: {{ $root.Chart.Name }}-{{ $root.Chart.Version }}
{{- end }}

{{- /* The name that the release gives to everything: "memoryprobe" for a release of that name. */ -}}
{{- define "memoryprobe.name" -}}
{{- if .Values.fullnameOverride }}{{ .Values.fullnameOverride | trunc 50 | trimSuffix "-" }}
{{- else if contains "memoryprobe" .Release.Name }}{{ .Release.Name | trunc 50 | trimSuffix "-" }}
{{- else }}{{ printf "%s-memoryprobe" (.Release.Name | trunc 38 | trimSuffix "-") }}{{ end }}
{{- end }}

{{- /* Of (list image root): from the mirror if there is one, by digest if there is one. */ -}}
{{- define "memoryprobe.image" -}}
{{- $image := index . 0 }}{{ $root := index . 1 -}}
{{- $registry := $root.Values.global.imageRegistry | default $image.registry -}}
{{- if $registry }}{{ $registry }}/{{ end }}{{ $image.repository }}
{{- if $image.digest }}@{{ $image.digest }}{{ else }}:{{ $image.tag | default $root.Chart.AppVersion }}{{ end }}
{{- end }}

{{- /* Names of all pull secrets, separated by commas. */ -}}
{{- define "memoryprobe.pullSecrets" -}}
{{- concat (.Values.global.imagePullSecrets | default list) .Values.imagePullSecrets | uniq | join "," }}
{{- end }}

{{- /* The lines of a pod's spec for them. */ -}}
{{- define "memoryprobe.imagePullSecrets" -}}
{{- with include "memoryprobe.pullSecrets" . }}
imagePullSecrets:
  {{- range splitList "," . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- end }}

{{- /* PriorityClass of the operator's pods, and of the balloon and repair pods; empty: the cluster's default. */ -}}
{{- define "memoryprobe.priorityClass" -}}
{{- if .Values.priorityClassName }}{{ .Values.priorityClassName }}
{{- else if .Values.priorityClasses.create }}{{ include "memoryprobe.name" . }}-operator{{ end }}
{{- end }}
{{- define "memoryprobe.balloonPriorityClass" -}}
{{- if .Values.balloon.priorityClassName }}{{ .Values.balloon.priorityClassName }}
{{- else if .Values.priorityClasses.create }}{{ include "memoryprobe.name" . }}-balloon{{ end }}
{{- end }}

{{- /* What every pod of ours but the balloon's is: nobody in particular, with no way up. */ -}}
{{- define "memoryprobe.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
seccompProfile: { type: RuntimeDefault }
{{- end }}
{{- define "memoryprobe.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end }}

{{- /* Egress rules to the API server and to DNS. */ -}}
{{- define "memoryprobe.apiServerEgress" -}}
- ports:
    {{- range .Values.networkPolicy.apiServerPorts }}
    - { protocol: TCP, port: {{ . }} }
    {{- end }}
  {{- with .Values.networkPolicy.apiServerCidrs }}
  to:
    {{- range . }}
    - ipBlock: { cidr: {{ . | quote }} }
    {{- end }}
  {{- end }}
- ports:
    - { protocol: UDP, port: 53 }
    - { protocol: TCP, port: 53 }
{{- end }}

{{- /* What whoever makes balloon and repair pods has to know about them. */ -}}
{{- define "memoryprobe.balloonEnvironment" -}}
- name: BALLOON_IMAGE
  value: {{ include "memoryprobe.image" (list .Values.balloonImage .) }}
- name: BALLOON_IMAGE_PULL_POLICY
  value: {{ .Values.balloonImage.pullPolicy }}
- name: BALLOON_IMAGE_PULL_SECRETS
  value: {{ include "memoryprobe.pullSecrets" . | quote }}
- name: BALLOON_PRIORITY_CLASS
  value: {{ include "memoryprobe.balloonPriorityClass" . | quote }}
{{- end }}
