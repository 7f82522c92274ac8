kubectl run sleeper --namespace lab-networking --image=busybox:1.36 -- sleep 3600
kubectl wait --for=condition=Ready pod/sleeper --namespace lab-networking --timeout=60s
kubectl get pod sleeper -n lab-networking -o wide
sleep 3700
kubectl get pod sleeper -n lab-networking -o wide
