kubectl delete pod backend -n lab-networking
kubectl run backend --namespace lab-networking \
  --image=radial/busyboxplus:curl --labels="app=backend,tier=api" \
  -- sleep 3600
kubectl wait --for=condition=Ready pod/backend --namespace lab-networking --timeout=60s
kubectl describe pod backend -n lab-networking
kubectl delete pod backend -n lab-networking
kubectl run backend --namespace lab-networking \
  --image=curlimages/curl --labels="app=backend,tier=api" \
  -- sleep 3600
kubectl wait --for=condition=Ready pod/backend --namespace lab-networking --timeout=60s
