kubectl create namespace lab-networking
kubectl run frontend --namespace lab-networking \
  --image=nginx:alpine --labels="app=frontend,tier=web"
kubectl run backend --namespace lab-networking \
  --image=radial/busyboxplus:curl --labels="app=backend,tier=api" \
  -- sleep 3600
kubectl wait --for=condition=Ready pod/frontend pod/backend \
  --namespace lab-networking --timeout=60s
